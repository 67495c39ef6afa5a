"""Desks on SQLite alone, for tests of what does not differ between the databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from incident.services import Services
from tests.support.databases import SqliteDatabases
from tests.support.desk import desk_database, open_services


@pytest.fixture
def sqlite_services(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[Services]:
    """A desk without people, on a clock that stands."""
    with open_services(desk_database(sqlite_databases), tmp_path / "desk") as made:
        yield made


@pytest.fixture(scope="module")
def shared_services(
    tmp_path_factory: pytest.TempPathFactory, prepared_files: Path
) -> Iterator[Services]:
    """One desk for all tests of a module; each leaves it as it was, see support/steps.undone."""
    folder = tmp_path_factory.mktemp("shared")
    url = desk_database(SqliteDatabases(folder, prepared_files))
    with open_services(url, folder / "desk") as made:
        yield made
