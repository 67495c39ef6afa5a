"""A database that is locked or away: 503 with a trace, nothing half-written, and back again."""

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import event
from werkzeug.test import TestResponse

from incident.app import create_app
from incident.operations import audit
from incident.services import Services
from tests.api.conftest import Caller
from tests.support.databases import PostgresDatabases, SqliteDatabases
from tests.support.desk import (
    desk_database,
    make_incident,
    make_people,
    make_token,
    open_services,
    read,
)
from tests.support.postgres import Server
from tests.support.steps import trace

SECONDS = 30


@pytest.fixture
def on_sqlite(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[Services]:
    with open_services(desk_database(sqlite_databases), tmp_path / "desk") as services:
        yield services


@pytest.fixture
def on_postgresql(postgresql_databases: PostgresDatabases, tmp_path: Path) -> Iterator[Services]:
    with open_services(desk_database(postgresql_databases), tmp_path / "desk") as services:
        yield services


def officer(services: Services) -> Caller:
    make_people(services)
    return Caller(create_app(services).test_client(), make_token(services, "duty_officer"))


def verify(caller: Caller, number: str, version: int) -> TestResponse:
    headers = {"If-Match": f'"{version}"', "Idempotency-Key": f"verify-{number}"}
    path = f"/incidents/{number}/actions/verify"
    return caller.post(path, {"conclusion": "属实"}, headers=headers)


def is_away(answer: TestResponse) -> bool:
    """Check the whole problem document of a database that does not answer."""
    problem = answer.get_json()
    assert answer.status_code == 503
    assert answer.mimetype == "application/problem+json"
    assert (problem["status"], problem["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert problem["trace"] == answer.headers["X-Trace"] != "-"
    return True


def impatient(services: Services) -> None:
    """Let the desk wait for a lock a moment only, not for its usual five seconds."""
    services.engine.dispose()

    @event.listens_for(services.engine, "connect")
    def hurry(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout=50")


@contextmanager
def locked(services: Services) -> Iterator[None]:
    """Hold the one place of a writer, as a backup program or a stuck process would."""
    other = sqlite3.connect(str(services.engine.url.database), isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
    finally:
        other.close()


@contextmanager
def away(server: Server, name: str) -> Iterator[None]:
    """Close a database to everybody, and end who is there."""
    allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    with server.connect() as connection:
        server.assert_own(connection)
        connection.execute(allow.format(sql.Identifier(name), sql.SQL("false")))
        end(connection, name)
        try:
            yield
        finally:
            connection.execute(allow.format(sql.Identifier(name), sql.SQL("true")))


def end(connection: psycopg.Connection, name: str) -> None:
    query = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"
    connection.execute(query, [name])


def waits(connection: psycopg.Connection, name: str) -> int | None:
    """Return the process of somebody who waits for a lock, None while nobody does."""
    query = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
    row = connection.execute(query, [name]).fetchone()
    return row[0] if row else None


def check_next_try(services: Services, caller: Caller, number: str, version: int) -> None:
    """See that the same request with the same key now does it, once."""
    assert verify(caller, number, version).get_json()["state"] == "grading"
    assert verify(caller, number, version).headers["Idempotent-Replayed"] == "true"
    assert read(services, number).state == "grading"
    with services.reading() as session:
        assert audit.verify(session).is_whole


def test_a_locked_sqlite_refuses_changes_and_still_shows(on_sqlite: Services) -> None:
    caller, incident = officer(on_sqlite), make_incident(on_sqlite)
    before = trace(on_sqlite)
    impatient(on_sqlite)
    with locked(on_sqlite):
        assert is_away(verify(caller, incident.number, incident.version))
        shown = caller.get(f"/incidents/{incident.number}")
        assert (shown.status_code, shown.get_json()["state"]) == (200, "reported")
        assert trace(on_sqlite) == before
    check_next_try(on_sqlite, caller, incident.number, incident.version)


def test_a_postgresql_that_is_away_is_said_to_be_and_comes_back(
    on_postgresql: Services, postgres_server: Server
) -> None:
    caller, incident = officer(on_postgresql), make_incident(on_postgresql)
    before = trace(on_postgresql)
    name = str(on_postgresql.engine.url.database)
    with away(postgres_server, name):
        for _ in range(3):
            assert is_away(verify(caller, incident.number, incident.version))
            assert is_away(caller.get(f"/incidents/{incident.number}"))
        assert caller.get("/healthz").status_code == 200
    assert trace(on_postgresql) == before
    check_next_try(on_postgresql, caller, incident.number, incident.version)


def test_a_postgresql_that_goes_away_in_the_middle_of_a_step_leaves_nothing_of_it(
    on_postgresql: Services, postgres_server: Server
) -> None:
    caller, incident = officer(on_postgresql), make_incident(on_postgresql)
    before = trace(on_postgresql)
    name = str(on_postgresql.engine.url.database)
    holder = psycopg.connect(host=str(postgres_server.folder), user="postgres", dbname=name)
    with postgres_server.connect() as watcher, holder, ThreadPoolExecutor(1) as pool:
        holder.execute("SELECT seq FROM chain_head FOR UPDATE")
        answer = pool.submit(verify, caller, incident.number, incident.version)
        deadline = time.monotonic() + SECONDS
        while (process := waits(watcher, name)) is None:
            assert time.monotonic() < deadline, "nobody waits for the chain"
            time.sleep(0.01)
        watcher.execute("SELECT pg_terminate_backend(%s, 5000)", [process])
        assert is_away(answer.result(timeout=SECONDS))
    assert trace(on_postgresql) == before
    check_next_try(on_postgresql, caller, incident.number, incident.version)
