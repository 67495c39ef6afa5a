"""Desks on SQLite alone, for tests of what does not differ between the databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection

import pytest
from sqlalchemy import event

from incident.services import Services
from tests.support.databases import SqliteDatabases
from tests.support.desk import desk_database, open_services


@pytest.fixture
def sqlite_services(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[Services]:
    """A desk without people, on a clock that stands."""
    with _hasty(sqlite_databases, tmp_path / "desk") as made:
        yield made


@pytest.fixture(scope="module")
def shared_services(
    tmp_path_factory: pytest.TempPathFactory, prepared_files: Path
) -> Iterator[Services]:
    """One desk for all tests of a module; each leaves it as it was, see support/steps.undone."""
    folder = tmp_path_factory.mktemp("shared")
    with _hasty(SqliteDatabases(folder, prepared_files), folder / "desk") as made:
        yield made


@contextmanager
def _hasty(databases: SqliteDatabases, folder: Path) -> Iterator[Services]:
    """Open a desk that does not wait for the disk: no test of these pulls the plug."""
    with open_services(desk_database(databases), folder) as made:
        made.engine.dispose()
        event.listen(made.engine, "connect", _do_not_wait)
        yield made


def _do_not_wait(connection: Connection, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")
