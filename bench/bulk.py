"""An archive of many incidents, copied from one by the database itself.

The entries of the copies are not bound into the chain: this database is only looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, Table, func, select, text, update

from incident.db import WRITES, Base, table
from incident.models import (
    ChainHead,
    Entry,
    Incident,
    IncidentClock,
    Observation,
    OutgoingMessage,
    Report,
    Task,
)

PER_INCIDENT = 10  # entries of each copy
CACHE_KILOBYTES = 1_000_000  # else SQLite writes its indexes again and again
BETWEEN = 1000  # ids between the copies and what was there before
OF_INCIDENT = {
    "id": "n.i",
    "number": "'SP20200101-' || n.i",
    "title": "t.title || ' ' || n.i",
    "unit": "t.unit || ' ' || n.i",
}
PARTS: tuple[type[Base], ...] = (IncidentClock, Observation, OutgoingMessage, Report, Task)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """So many copies of an incident, numbered from `first` on."""

    template: int
    count: int
    first: int


def fill(engine: Engine, made: list[Copies]) -> None:
    """Copy incidents with all that belongs to them."""
    with engine.execution_options(**WRITES).begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text(f"PRAGMA cache_size = -{CACHE_KILOBYTES}"))
        for copies in made:
            _copy(connection, copies)
        last = connection.scalar(select(func.max(Entry.seq)))
        connection.execute(update(table(ChainHead)).values(seq=last))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    engine.dispose()  # SQLite's driver lost our settings of the connection


def _copy(connection: Connection, copies: Copies) -> None:
    _insert(connection, table(Incident), copies, f"t.id = {copies.template}", OF_INCIDENT)
    _copy_entries(connection, copies)
    for part in PARTS:
        _copy_part(connection, table(part), copies)


def _copy_entries(connection: Connection, copies: Copies) -> None:
    found = connection.scalars(
        select(Entry.seq)
        .where(Entry.incident_id == copies.template)
        .order_by(Entry.seq)
        .limit(PER_INCIDENT)
    )
    for place, seq in enumerate(found.all()):
        changed = {
            "seq": f"n.i * {PER_INCIDENT} + {place}",
            "incident_id": "n.i",
            "incident": "'SP20200101-' || n.i",
        }
        _insert(connection, table(Entry), copies, f"t.seq = {seq}", changed)


def _copy_part(connection: Connection, part: Table, copies: Copies) -> None:
    columns = part.c
    rows = connection.scalar(
        select(func.count()).select_from(part).where(columns.incident_id == copies.template)
    )
    least = select(func.min(columns.id)).where(columns.incident_id == copies.template)
    changed = {
        "id": f"n.i * {(rows or 0) + BETWEEN} + t.id - {connection.scalar(least) or 0}",
        "incident_id": "n.i",
    }
    if "reason" in columns and "code" in columns:
        changed |= {"code": "'c' || n.i || '-' || t.id", "reason": "'r' || n.i || '-' || t.id"}
    if "report_id" in columns:
        changed["report_id"] = "NULL"
    _insert(connection, part, copies, f"t.incident_id = {copies.template}", changed)


def _insert(
    connection: Connection, into: Table, copies: Copies, where: str, changed: Mapping[str, str]
) -> None:
    """Insert a copy of the rows for each number, with some columns worked out anew."""
    quote = connection.dialect.identifier_preparer.quote
    names = [column.name for column in into.columns]
    values = ", ".join(changed.get(name, f"t.{quote(name)}") for name in names)
    statement = (
        f"INSERT INTO {into.name} ({', '.join(map(quote, names))}) "  # noqa: S608 - our own names
        "WITH RECURSIVE n(i) AS (SELECT CAST(:first AS INTEGER) UNION ALL"
        " SELECT i + 1 FROM n WHERE i < :last) "
        f"SELECT {values} FROM {into.name} t CROSS JOIN n WHERE {where}"
    )
    numbers = {"first": copies.first, "last": copies.first + copies.count - 1}
    connection.execute(text(statement), numbers)
