"""Migrations go up, down and up again, and make what the models say."""

import ast
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, Float, inspect

import drills.models  # noqa: F401  (its table is one of the desk's)
from incident import schema
from incident.db import Base, Instant, make_engine
from tests.support.tree import ROOT, name

VERSIONS = sorted((ROOT / "incident" / "migrations" / "versions").glob("*.py"))


@pytest.fixture
def engine(database_url: str) -> Engine:
    return make_engine(database_url)


def _differences(connection: Connection) -> list[object]:
    def same(
        _context: object, _column: object, _model: object, found: object, wanted: object
    ) -> bool | None:
        alike = isinstance(wanted, Instant) or (
            isinstance(wanted, Float) and isinstance(found, Float)
        )
        return False if alike else None

    context = MigrationContext.configure(connection, opts={"compare_type": same})
    return list(compare_metadata(context, Base.metadata))


def _tables(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(inspect(connection).get_table_names()) - {"alembic_version"}


def test_up_makes_what_the_models_say(engine: Engine) -> None:
    schema.upgrade(engine)

    with engine.connect() as connection:
        assert _differences(connection) == []
    assert _tables(engine) == set(Base.metadata.tables)
    assert schema.current(engine) == schema.newest()
    engine.dispose()


def test_down_takes_everything_away_and_up_brings_it_back(engine: Engine) -> None:
    schema.upgrade(engine)
    schema.downgrade(engine, "base")
    assert _tables(engine) == set()

    schema.upgrade(engine)

    assert _tables(engine) == set(Base.metadata.tables)
    with engine.connect() as connection:
        assert _differences(connection) == []
    engine.dispose()


def test_each_step_can_be_undone(engine: Engine) -> None:
    schema.upgrade(engine)
    for _ in VERSIONS:
        schema.downgrade(engine, "-1")

    assert schema.current(engine) is None
    engine.dispose()


def test_a_second_upgrade_changes_nothing(engine: Engine) -> None:
    schema.upgrade(engine)
    schema.upgrade(engine)

    assert schema.current(engine) == schema.newest()
    engine.dispose()


@pytest.mark.parametrize("path", VERSIONS, ids=name)
def test_a_migration_imports_nothing_of_ours(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {
        (node.module or "").partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
    }

    assert imported <= {"sqlalchemy", "alembic", "datetime", "json", "collections", "typing"}
