"""Insert rows of several tables that belong together, in as few statements as the database can."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import TextClause, insert, text
from sqlalchemy.orm import Session, make_transient_to_detached

from incident.db import Base, table

Row = Mapping[str, Any]
M = TypeVar("M", bound=Base)
_LAST = text("SELECT last_insert_rowid()")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The rows of one table, all with the same columns.

    `of` names the columns that hold the id of a row of an earlier part: of its only one, or, where
    the rows have a value in such a column, of the one at that place, which counts from 1.
    """

    model: type[Base]
    rows: Sequence[Row]
    of: Mapping[str, type[Base]] = field(default_factory=dict)


def together(session: Session, *parts: Part) -> dict[type[Base], list[int]]:
    """Insert the parts and return the ids of their rows, in order.

    Every column without a value becomes NULL. On PostgreSQL all parts are one statement that
    takes the rows as JSON: a report opens an incident with two dozen rows in five tables, and
    one by one they would cost it four times the time.
    """
    filled = [part for part in parts if part.rows]
    if not filled:
        return {}
    if takes_json(session):
        return _as_one(session, filled)
    return _in_turn(session, filled)


def takes_json(session: Session) -> bool:
    """Tell whether the database can insert the rows of a JSON text."""
    return session.get_bind().dialect.name == "postgresql"


def as_json(rows: Sequence[Row]) -> str:
    """Return rows as the JSON text that PostgreSQL reads back as rows."""
    return json.dumps(rows, ensure_ascii=False, default=_plain)


def row(made: Base) -> Row:
    """Return the row of a new object; what was not set is not in it."""
    return {name: value for name, value in vars(made).items() if not name.startswith("_")}


def stored(session: Session, made: M, id: int) -> M:
    """Let the session know an object whose row was inserted, as if it had loaded it."""
    blank = dict.fromkeys(made.__mapper__.column_attrs.keys())
    vars(made).update(blank | vars(made) | {"id": id})
    make_transient_to_detached(made)
    session.add(made)
    return made


def _as_one(session: Session, parts: Sequence[Part]) -> dict[type[Base], list[int]]:
    shape = tuple((part.model, tuple(part.rows[0]), tuple(part.of.items())) for part in parts)
    values = {part.model.__tablename__: as_json(part.rows) for part in parts}
    found = session.execute(_statement(shape), values).one()
    return {part.model: ids for part, ids in zip(parts, found, strict=True)}


def _in_turn(session: Session, parts: Sequence[Part]) -> dict[type[Base], list[int]]:
    """Insert one table after the other; SQLite has one writer, so its ids follow each other."""
    ids: dict[type[Base], list[int]] = {}
    for part in parts:
        rows = [{**row, **_parents(row, part.of, ids)} for row in part.rows]
        session.execute(insert(table(part.model)), rows)
        last = session.scalars(_LAST).one()
        ids[part.model] = list(range(last - len(part.rows) + 1, last + 1))
    return ids


def _parents(
    row: Row, of: Mapping[str, type[Base]], ids: Mapping[type[Base], Sequence[int]]
) -> dict[str, int]:
    return {column: ids[model][row.get(column, 1) - 1] for column, model in of.items()}


_Shape = tuple[tuple[type[Base], tuple[str, ...], tuple[tuple[str, type[Base]], ...]], ...]


@cache
def _statement(shape: _Shape) -> TextClause:
    """Return the statement for parts of these tables and columns; there are few such shapes."""
    inserts = ", ".join(_insert(*part) for part in shape)
    ids = ", ".join(f"ARRAY(TABLE {_new(model)} ORDER BY id)" for model, *_ in shape)
    return text(f"WITH {inserts} SELECT {ids}")


def _insert(
    model: type[Base], columns: tuple[str, ...], of: tuple[tuple[str, type[Base]], ...]
) -> str:
    """Return the part that inserts the rows of a JSON text, its value named as the table."""
    name, values = model.__tablename__, {column: column for column in columns}
    for column, parent in of:
        place = column if column in columns else 1
        values[column] = f"(ARRAY(TABLE {_new(parent)} ORDER BY id))[{place}]"
    into, told = ", ".join(values), ", ".join(values.values())
    rows = f"SELECT {told} FROM json_populate_recordset(NULL::{name}, :{name})"  # noqa: S608
    return f"{_new(model)} AS (INSERT INTO {name} ({into}) {rows} RETURNING id)"


def _new(model: type[Base]) -> str:
    return f"new_{model.__tablename__}"


def _plain(value: object) -> str:
    """Write a moment as the database keeps it: naive UTC."""
    if not isinstance(value, datetime):
        raise TypeError(f"{type(value).__name__} has no form in JSON")
    if value.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat()
