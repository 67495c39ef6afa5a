"""The floor of intake: a bare Flask route that inserts two rows and commits.

Run as `python -m bench.floor`, under the same server settings and database as the desk.
"""

from collections.abc import Callable

from flask import Flask, request
from sqlalchemy import JSON, Column, Engine, ForeignKey, Integer, MetaData, String, Table, insert

from incident.db import WRITES, make_engine
from incident.serving import WebServer
from incident.settings import load

WORKERS, THREADS = 2, 16  # as `tocsin web`
PATH = "/reports"

metadata = MetaData()
parents = Table(
    "floor_reports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(10)),
    Column("content", JSON),
)
children = Table(
    "floor_entries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("report", ForeignKey("floor_reports.id")),
    Column("text", String(200)),
)


def prepare(engine: Engine) -> None:
    """Make the two tables."""
    with engine.execution_options(**WRITES).begin() as connection:
        metadata.create_all(connection)


def maker(url: str) -> Callable[[], Flask]:
    """Return what builds the application in its worker."""

    def make() -> Flask:
        app = Flask("floor")
        engine = make_engine(url, pool_size=THREADS).execution_options(**WRITES)

        @app.get("/healthz")
        def healthz() -> str:
            return "ok"

        @app.post(PATH)
        def create() -> tuple[dict[str, int], int]:
            content = request.get_json()
            with engine.begin() as connection:
                row = {"kind": content["kind"], "content": content}
                made = connection.execute(insert(parents), row)
                (number,) = made.inserted_primary_key or (0,)
                connection.execute(insert(children), {"report": number, "text": "reported"})
            return {"id": number}, 201

        return app

    return make


def main() -> None:
    settings = load()
    WebServer(maker(settings.database_url), settings, workers=WORKERS, threads=THREADS).run()


if __name__ == "__main__":
    main()
