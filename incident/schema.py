"""The schema's version: bring a database to the newest, and tell whether it is there."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DatabaseError, OperationalError

import incident.models  # noqa: F401  (the tables that env.py compares with)
from incident.db import WRITES

FOLDER = Path(__file__).parent / "migrations"
UPGRADE_LOCK = 72_110_119  # one upgrade at a time on PostgreSQL; any number nobody else uses


def config(connection: Connection) -> Config:
    """Return Alembic's configuration for a connection."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.attributes["connection"] = connection
    return made


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to a revision; a second caller waits for the first."""
    with engine.execution_options(**WRITES).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
        command.upgrade(config(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database back to a revision."""
    with engine.execution_options(**WRITES).begin() as connection:
        command.downgrade(config(connection), revision)


@cache
def newest() -> str:
    """Return the newest revision that this code knows."""
    found = ScriptDirectory(str(FOLDER)).get_current_head()
    assert found  # noqa: S101  (there is always a first migration)
    return found


def current(engine: Engine) -> str | None:
    """Return the database's revision, None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def damage(engine: Engine) -> str | None:
    """Return what is wrong with the pages of an SQLite file; None where nothing is, or elsewhere.

    PostgreSQL looks at its own pages. It reads the whole file.
    """
    if engine.dialect.name != "sqlite":
        return None
    try:
        with engine.connect() as connection:
            told = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
    except OperationalError:
        return None  # locked, or not there: whoever opens it next says so
    except DatabaseError as error:
        return str(error.orig)
    return None if told == "ok" else told
