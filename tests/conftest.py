"""What every test may ask for: databases, empty or prepared, on SQLite and on PostgreSQL.

    def test_something(database_url): ...           # runs twice, on an empty database of each
    def test_other(databases):
        url = databases.like("desk", migrate)       # a copy of what migrate(url) makes, built once
    def test_only_here(postgresql_databases): ...   # PostgreSQL alone; sqlite_databases likewise
    def test_the_desk(services): ...                # a whole desk; see tests/support/desk.py

The PostgreSQL server starts when the first test asks for it, one for each worker of xdist.
"""

import gc
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from incident.services import Services
from tests.support import scratch
from tests.support.databases import (
    Databases,
    PostgresDatabases,
    SqliteDatabases,
    postgres_databases,
)
from tests.support.desk import desk_database, open_services
from tests.support.postgres import Server, running_server
from tests.support.templates import compile_once

# Two cores are shared by the workers: how long an example takes says nothing.
hypothesis.settings.register_profile("tocsin", deadline=None, print_blob=True)
hypothesis.settings.load_profile("tocsin")

# Files that take minutes, the longest first: two workers shall not wait for one at the end.
LONG = (
    "tests/simulator/test_simulator.py",
    "tests/stories/test_the_database_away.py",
    "tests/faults/test_crash_at_random.py",
    "tests/faults/test_crash_engine.py",
    "tests/faults/test_crash_intake.py",
    "tests/house/test_bench.py",
    "tests/stories/test_the_plug.py",
    "tests/faults/test_two_engines.py",
    "tests/faults/test_provider.py",
    "tests/stories/test_the_main_job.py",
    "tests/stories/test_an_alert_is_answered.py",
    "tests/pages/test_access_matrix.py",
    "tests/pages/test_accessibility_axe.py",
)
COLLECT_AFTER = (10_000, 20, 20)  # as the desk's own processes do


def pytest_configure(config: pytest.Config) -> None:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(scratch.root()))
    compile_once()
    config.addinivalue_line("markers", "proves(*names): rows of docs/reliability.md; see there")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long files; within a file and among the others the order stays."""
    places = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(LONG)))


def pytest_collection_finish() -> None:
    """Let the collector pass over what is imported and collected by now."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell what the simulator saw: seeds, faults, losses, duplicates."""
    told = Counter[str]()
    for report in terminalreporter.getreports("passed"):
        told.update({name: count for name, count in report.user_properties if name[:3] == "sim"})
    for name, count in sorted(told.items()):
        terminalreporter.write_line(f"{name}: {count}")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def prepared_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prepared")


@pytest.fixture
def sqlite_databases(tmp_path: Path, prepared_files: Path) -> SqliteDatabases:
    return SqliteDatabases(tmp_path, prepared_files)


@pytest.fixture
def postgresql_databases(postgres_server: Server) -> Iterator[PostgresDatabases]:
    with postgres_databases(postgres_server) as databases:
        yield databases


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> Databases:
    """Databases of one dialect; the test runs once for each."""
    found: Databases = request.getfixturevalue(f"{request.param}_databases")
    return found


@pytest.fixture
def database_url(databases: Databases) -> str:
    """The URL of an empty database of the test's own; the test runs once for each dialect."""
    return databases.empty()


@pytest.fixture
def desk_url(databases: Databases) -> str:
    """The URL of a migrated database of the test's own; the test runs once for each dialect."""
    return desk_database(databases)


@pytest.fixture
def services(desk_url: str, tmp_path: Path) -> Iterator[Services]:
    """A desk without people, on a clock that stands; the test runs once for each dialect."""
    with open_services(desk_url, tmp_path / "desk") as made:
        yield made
