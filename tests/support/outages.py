"""Take the database away from a desk for a while, as a stuck writer or a stopped server does.

with away(services): ...      # SQLite: locked for writers; PostgreSQL: refuses everybody
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from incident.services import Services


@contextmanager
def away(services: Services) -> Iterator[None]:
    """Take it away until the block ends."""
    url = services.engine.url
    if url.get_backend_name() == "sqlite":
        with locked(str(url.database)):
            yield
    else:
        with refused(str(url.query["host"]), str(url.database)):
            yield


@contextmanager
def locked(file: str) -> Iterator[None]:
    """Hold the one place of a writer; readers go on."""
    other = sqlite3.connect(file, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
    finally:
        other.close()


@contextmanager
def refused(folder: str, name: str) -> Iterator[None]:
    """End who is connected, and let nobody in."""
    allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"
    with psycopg.connect(
        host=folder, user="postgres", dbname="postgres", autocommit=True
    ) as connection:
        connection.execute(allow.format(sql.Identifier(name), sql.SQL("false")))
        connection.execute(end, [name])
        try:
            yield
        finally:
            connection.execute(allow.format(sql.Identifier(name), sql.SQL("true")))
