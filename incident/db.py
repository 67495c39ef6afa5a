"""The database: engine, base of the models, and the type of a moment."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from sqlite3 import SQLITE_BUSY, OperationalError
from sqlite3 import Connection as SQLiteConnection
from typing import Any, cast

from psycopg import Connection as PostgresConnection
from psycopg import Error as PostgresError
from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    Table,
    create_engine,
    event,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool
from sqlalchemy.types import TypeDecorator

BUSY_MILLISECONDS = 5000
PATIENCE: ContextVar[int] = ContextVar("milliseconds", default=BUSY_MILLISECONDS)
BUSY = "tocsin_busy"
ASK_AGAIN = 0.001  # seconds
PRIMARY_CODE = 0xFF  # of an error of SQLite; the bits above tell more
WRITES = {"tocsin_writes": True}
ALONE = {"tocsin_alone": True}


class Instant(TypeDecorator[datetime]):
    """A moment: aware in Python, naive UTC in the database; a naive one is refused."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment into naive UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware moment in UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """The base of all models, with one way to name constraints."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant()}


def table(model: type[Base]) -> Table:
    """Return the table of a model, for writing many rows of which no object is wanted."""
    return cast(Table, model.__table__)


class PatientPool(QueuePool):
    """A pool of connections for which a request waits as long as for a lock, not half a minute.

    A report then finds the spool in time where every connection is taken.
    """

    @property
    def _timeout(self) -> float:
        return PATIENCE.get() / 1000

    @_timeout.setter
    def _timeout(self, _seconds: float) -> None:
        """The pool's own patience is not asked for."""


def make_engine(url: str, *, pool_size: int = 10) -> Engine:
    """Return an engine: SQLite durable and with one writer, PostgreSQL in UTC."""
    if url.startswith("sqlite"):
        return _sqlite(url, pool_size)
    return create_engine(
        url,
        hide_parameters=True,  # an error that is logged holds no telephone and no patient
        poolclass=PatientPool,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=False,
        pool_use_lifo=True,  # the last one used knows our statements, and is warm
        connect_args={"options": "-c timezone=UTC -c lock_timeout=5000", "connect_timeout": 5},
    )


@lru_cache
def for_writing(engine: Engine) -> Engine:
    """Return an engine whose transactions write from the beginning."""
    return engine.execution_options(**WRITES)


@lru_cache
def for_single_statements(engine: Engine) -> Engine:
    """Return an engine whose statements are each a transaction of their own.

    It spares the database a beginning and an end.
    """
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**ALONE)
    return engine.execution_options(isolation_level="AUTOCOMMIT")


@contextmanager
def pipelined(connection: Connection) -> Iterator[None]:
    """Send PostgreSQL what follows without waiting for its answers, up to a commit.

    The database then goes from statement to statement without this program, which may be slow to
    come to its turn. Nothing that follows may read; what goes wrong is raised by the commit.
    """
    raw = connection.connection.driver_connection
    if not isinstance(raw, PostgresConnection):
        yield
        return
    try:
        with raw.pipeline():
            yield
    except BaseException:
        # The commit was passed over: the database is still where the statement before it failed,
        # but SQLAlchemy takes a transaction whose commit failed for one that has ended.
        with suppress(PostgresError):
            raw.rollback()
        raise


def _sqlite(url: str, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        poolclass=PatientPool,
        pool_size=pool_size,
        max_overflow=pool_size,
        connect_args={"timeout": BUSY_MILLISECONDS / 1000, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    """Take over the beginning of transactions, and ask for durability."""
    assert isinstance(connection, SQLiteConnection)  # noqa: S101
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={BUSY_MILLISECONDS}",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Begin as a writer at once when told so, lest two readers block each other later."""
    _wait_as_told(connection)
    options: dict[str, Any] = dict(connection.get_execution_options())
    if options.get("tocsin_writes"):
        _begin_writing(connection)
    elif not options.get("tocsin_alone"):
        connection.exec_driver_sql("BEGIN")


def _begin_writing(connection: Connection) -> None:
    """Begin as the one writer, asking often while another process is.

    SQLite's own waits grow to a tenth of a second, in which whoever comes is let in before.
    """
    raw = cast(SQLiteConnection, connection.connection.driver_connection)
    deadline = time.monotonic() + PATIENCE.get() / 1000
    raw.execute("PRAGMA busy_timeout=0")
    try:
        while time.monotonic() < deadline and _is_busy(raw):
            time.sleep(ASK_AGAIN)
        if not raw.in_transaction:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        raw.execute(f"PRAGMA busy_timeout={PATIENCE.get()}")


def _is_busy(raw: SQLiteConnection) -> bool:
    """Try to begin; True when another writes, False when it began or something else is wrong."""
    try:
        raw.execute("BEGIN IMMEDIATE")
    except OperationalError as error:
        return error.sqlite_errorcode & PRIMARY_CODE == SQLITE_BUSY
    return False


def _wait_as_told(connection: Connection) -> None:
    """Wait for a lock only as long as the present request has patience for."""
    wanted = PATIENCE.get()
    if connection.info.get(BUSY, BUSY_MILLISECONDS) != wanted:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={wanted}")
        connection.info[BUSY] = wanted
