"""The auditor beside the engine: a round a minute, a word to the outside only when all is well."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import select

from incident.clock import FrozenClock
from incident.db import PATIENCE
from incident.jobs import audit
from incident.jobs.audit import EVERY, Auditor
from incident.models import Entry, Oversight, Promise
from incident.operations import engine
from incident.services import Services
from tests.support.databases import SqliteDatabases
from tests.support.desk import desk_database, make_people, open_services
from tests.support.outages import away


@contextmanager
def watchman(status: int = 200) -> Iterator[tuple[str, list[str]]]:
    """Whoever waits outside for a word that all is well."""
    heard: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/ping/1", heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def desk(databases: SqliteDatabases, folder: Path, url: str) -> Iterator[Services]:
    """A desk whose clock agrees with the machine's, and whose engine has just turned."""
    with open_services(
        desk_database(databases), folder / "desk", TOCSIN_HEARTBEAT_URL=url
    ) as services:
        make_people(services)
        turn(services)
        yield services


def turn(services: Services) -> None:
    with services.transaction() as session:
        engine.take_lease(session, "test", services.now())


def later(services: Services, step: timedelta) -> None:
    assert isinstance(services.clock, FrozenClock)
    services.clock.advance(step)


@pytest.fixture(autouse=True)
def clocks_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """The desk's clock stands; the database's goes on."""
    monkeypatch.setattr(audit, "skew", lambda *_: timedelta(0))


def row(services: Services) -> Oversight:
    with services.reading() as session:
        return session.scalars(select(Oversight)).one()


def test_the_outside_hears_a_round_in_which_all_is_well(
    sqlite_databases: SqliteDatabases, tmp_path: Path
) -> None:
    with watchman() as (url, heard), desk(sqlite_databases, tmp_path, url) as services:
        auditor = Auditor(services)
        assert auditor.look()
        assert not auditor.look(), "the next round is not due"
        assert heard == ["/ping/1"]
        assert (row(services).pinged_at, row(services).ping_problem) == (services.now(), None)
        later(services, EVERY)
        turn(services)
        assert auditor.look()
        assert len(heard) == 2


def test_the_outside_hears_nothing_while_the_engine_stands_still(
    sqlite_databases: SqliteDatabases, tmp_path: Path
) -> None:
    with watchman() as (url, heard), desk(sqlite_databases, tmp_path, url) as services:
        later(services, timedelta(seconds=31))
        assert Auditor(services).look()
        assert heard == []
        with services.reading() as session:
            broken = session.scalars(select(Promise.name).where(Promise.holds.is_(False)))
            assert list(broken) == ["engine"]


@pytest.mark.parametrize("status", [302, 500])
def test_an_address_that_does_not_take_it_is_written_down_and_stops_nothing(
    sqlite_databases: SqliteDatabases, tmp_path: Path, status: int
) -> None:
    with watchman(status) as (url, _), desk(sqlite_databases, tmp_path, url) as services:
        assert Auditor(services).look()
        assert (row(services).pinged_at, row(services).ping_problem) == (None, str(status))


def test_an_address_where_nobody_is_stops_nothing(
    sqlite_databases: SqliteDatabases, tmp_path: Path
) -> None:
    with watchman() as (url, _):
        pass
    with desk(sqlite_databases, tmp_path, url) as services:
        assert Auditor(services).look()
        assert row(services).ping_problem == "ConnectionError"


def test_a_database_that_was_away_becomes_an_entry(
    sqlite_databases: SqliteDatabases, tmp_path: Path
) -> None:
    with watchman() as (url, _), desk(sqlite_databases, tmp_path, url) as services:
        auditor, since = Auditor(services), services.now()
        token = PATIENCE.set(50)
        with away(services):
            assert not auditor.look()
        PATIENCE.reset(token)
        later(services, timedelta(seconds=40))
        auditor.look()
        with services.reading() as session:
            entry = session.scalars(select(Entry).where(Entry.type == "database_away")).one()
        assert (entry.at, entry.entered_at) == (since, services.now())
        assert "40" in entry.text
