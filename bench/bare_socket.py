"""The floor of live events: bare Flask-SocketIO that sends what a report sends to everybody.

Run as `python -m bench.bare_socket threading|gevent`, under the desk's server settings.
"""

import itertools
import sys

from flask import Flask
from flask_socketio import SocketIO, join_room

from incident.commands.web import GEVENT_WORKER
from incident.serving import THREADS, WebServer
from incident.settings import load

ROOM = "desk"
PATH = "/emit"
REPORTED = "reported"
SENT = (REPORTED, "alert_started")  # a report makes these entries, and their events share the way


def make_app(mode: str) -> Flask:
    """Return an application where a POST sends events like the desk's to all screens."""
    app = Flask("bare")
    live = SocketIO(app, async_mode=mode, manage_session=False, ping_interval=10, ping_timeout=8)
    reports, entries = itertools.count(1), itertools.count(1)

    @live.on("watch")  # type: ignore[untyped-decorator]
    def watch(_wish: object) -> dict[str, int]:
        join_room(ROOM)
        return {"position": 0}

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    @app.post(PATH)
    def emit() -> str:
        number = f"SP20261123-{next(reports):03d}"
        for type in SENT:
            entry = {
                "seq": next(entries),
                "incident": number,
                "type": type,
                "at": "2026-11-23T03:00:00+00:00",
                "text": "接报",
                "drill": False,
            }
            live.emit("entry", entry, to=ROOM)
        return "ok"

    return app


def main(mode: str) -> None:
    kind = "gthread" if mode == "threading" else GEVENT_WORKER
    threads = THREADS if mode == "threading" else 1
    server = WebServer(
        lambda: make_app(mode), load(), workers=1, threads=threads, worker_class=kind
    )
    server.run()


if __name__ == "__main__":
    main(sys.argv[1])
