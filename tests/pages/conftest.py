"""What tests of pages may ask for beside the rest: a desk that runs, a browser, a quick desk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from incident.services import Services
from tests.support.databases import SqliteDatabases
from tests.support.desk import desk_database, make_services
from tests.support.running import browser, running_desk

__all__ = ["browser", "desk", "running_desk"]


@pytest.fixture
def desk(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[Services]:
    """A desk without people on SQLite, for pages whose queries are tried on both elsewhere."""
    made = make_services(desk_database(sqlite_databases), tmp_path / "desk")
    yield made
    made.engine.dispose()
