"""Restore a desk from its backup: all is checked before anything is written, and again after."""

import hashlib
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import (
    Column,
    Connection,
    Date,
    DateTime,
    Engine,
    MetaData,
    Table,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session

from incident import schema
from incident.backup import AT_ONCE, FILES, FORMAT, MANIFEST, TABLES, Kept, Manifest
from incident.db import WRITES, Base, Instant
from incident.models import ChainHead, WebSession
from incident.operations import audit, timeline
from incident.store import Store
from incident.who import DESK

LARGEST_MANIFEST = 64 * 1024 * 1024
READ = 1 << 20
Row = dict[str, Any]


class BadBackup(Exception):
    """A file that is no backup, or not a true one."""


class NotEmpty(Exception):
    """The database holds a desk already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was restored."""

    manifest: Manifest
    rows: int
    files: int


def restore(
    engine: Engine, store: Store, source: Path, *, now: datetime, over: bool = False
) -> Restored:
    """Restore a desk into an empty database, or `over` the one that is there.

    Everything happens in one transaction: a backup that turns out not to be whole leaves the
    database as it was. Raise BadBackup or NotEmpty. Sessions of the past are ended.
    """
    try:
        with tarfile.open(source, "r:gz") as archive:
            manifest = read_manifest(archive)
            _check_members(archive, manifest)
            _check_digests(archive, manifest)
            with engine.execution_options(**WRITES).begin() as connection:
                _clear(connection, over=over)
                rows = _fill(connection, archive, manifest)
                _check_chain(connection, manifest)
                _close(connection, manifest, now)
                _keep_files(archive, manifest, store)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise BadBackup(f"not a backup: {error}") from error
    return Restored(manifest=manifest, rows=rows, files=len(manifest.files))


def read_manifest(archive: tarfile.TarFile) -> Manifest:
    """Return what a backup says of itself; raise BadBackup."""
    member = archive.next()
    file = archive.extractfile(member) if member and member.name == MANIFEST else None
    if member is None or file is None or member.size > LARGEST_MANIFEST:
        raise BadBackup("not a backup: it does not begin with its manifest")
    try:
        told = json.loads(file.read())
        tables = {name: Kept(**kept) for name, kept in told.pop("tables").items()}
        manifest = Manifest(tables=tables, **told)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadBackup("not a backup: its manifest cannot be read") from error
    if manifest.format != FORMAT:
        raise BadBackup(f"of format {manifest.format}; this program reads {FORMAT}")
    if manifest.schema != schema.newest():
        raise BadBackup(
            f"of schema {manifest.schema}, this program has {schema.newest()}: restore it with "
            "the release that made it, then upgrade"
        )
    return manifest


def _check_members(archive: tarfile.TarFile, manifest: Manifest) -> None:
    """Make sure that the archive holds what the manifest names, and nothing else."""
    there = [member.name for member in archive.getmembers() if member.isfile()]
    wanted = {MANIFEST, *_names(manifest)}
    if len(there) != len(set(there)) or set(there) != wanted:
        odd = sorted(set(there) ^ wanted)
        raise BadBackup(f"not whole: {', '.join(odd[:3]) or 'a name stands twice'}")
    unknown = set(manifest.tables) ^ set(Base.metadata.tables)
    if unknown:
        raise BadBackup(f"its tables are not those of this program: {', '.join(sorted(unknown))}")


def _names(manifest: Manifest) -> Iterator[str]:
    yield from (_table_name(name) for name in manifest.tables)
    yield from (f"{FILES}/{digest}" for digest in manifest.files)


def _table_name(table: str) -> str:
    return f"{TABLES}/{table}.jsonl"


def _check_digests(archive: tarfile.TarFile, manifest: Manifest) -> None:
    wanted = {_table_name(name): kept.sha256 for name, kept in manifest.tables.items()}
    wanted |= {f"{FILES}/{digest}": digest for digest in manifest.files}
    for name, digest in wanted.items():
        if _digest(archive, name) != digest:
            raise BadBackup(f"{name} was changed: its digest is another")


def _digest(archive: tarfile.TarFile, name: str) -> str:
    digest = hashlib.sha256()
    file = archive.extractfile(name)
    while file and (part := file.read(READ)):
        digest.update(part)
    return digest.hexdigest()


def _clear(connection: Connection, *, over: bool) -> None:
    """Bring the database to the newest schema, empty; raise NotEmpty unless told to go over."""
    if not _is_empty(connection):
        if not over:
            raise NotEmpty
        _take_down(connection)
    command.upgrade(schema.config(connection), "head")


def _take_down(connection: Connection) -> None:
    """Take every table away; on SQLite those that point to others first.

    A downgrade would drop and copy tables there, to which rows still point.
    """
    if connection.dialect.name == "sqlite":
        there = MetaData()
        there.reflect(connection)
        there.drop_all(connection)
    else:
        command.downgrade(schema.config(connection), "base")


def _is_empty(connection: Connection) -> bool:
    """Tell whether no table of ours has a row, but the head of a chain without entries."""
    there = set(inspect(connection).get_table_names())
    for table in Base.metadata.sorted_tables:
        if table.name not in there:
            continue
        query = select(func.count()).select_from(table)
        if table is ChainHead.__table__:
            query = query.where(ChainHead.seq > 0)
        if connection.execute(query).scalar_one():
            return False
    return True


def _fill(connection: Connection, archive: tarfile.TarFile, manifest: Manifest) -> int:
    connection.execute(ChainHead.__table__.delete())  # type: ignore[attr-defined]
    total = 0
    for table in Base.metadata.sorted_tables:
        found = _insert(connection, table, _rows(archive, table))
        if found != manifest.tables[table.name].rows:
            raise BadBackup(f"{table.name} has {found} rows, not those of the manifest")
        _go_on_counting(connection, table)
        total += found
    return total


def _rows(archive: tarfile.TarFile, table: Table) -> Iterator[Row]:
    file = archive.extractfile(_table_name(table.name))
    for line in file or ():
        row = json.loads(line)
        yield {column.name: _value(column, row[column.name]) for column in table.columns}


def _value(column: Column[Any], told: Any) -> Any:
    if told is None:
        return None
    if isinstance(column.type, (Instant, DateTime)):
        return datetime.fromisoformat(told)
    return date.fromisoformat(told) if isinstance(column.type, Date) else told


def _insert(connection: Connection, table: Table, rows: Iterator[Row]) -> int:
    """Insert the rows; what points into the same table is set when all are there."""
    inner = [key.parent for key in table.foreign_keys if key.column.table is table]
    keys = list(table.primary_key.columns)
    later: list[Row] = []
    count = 0
    while batch := list(islice(rows, AT_ONCE)):
        for row in batch:
            if any(row[column.name] is not None for column in inner):
                later.append(dict(row))
                row.update({column.name: None for column in inner})
        connection.execute(insert(table), batch)
        count += len(batch)
    for row in later:
        same = [key == row[key.name] for key in keys]
        values = {column.name: row[column.name] for column in inner}
        connection.execute(update(table).where(*same).values(values))
    return count


def _go_on_counting(connection: Connection, table: Table) -> None:
    """Let PostgreSQL's sequence continue after the rows that brought their numbers."""
    key = table.autoincrement_column
    if connection.dialect.name != "postgresql" or key is None:
        return
    highest = connection.execute(select(func.max(key))).scalar()
    if highest is not None:
        asked = {"table": table.name, "column": key.name, "highest": highest}
        connection.execute(
            text("SELECT setval(pg_get_serial_sequence(:table, :column), :highest)"), asked
        )


def _check_chain(connection: Connection, manifest: Manifest) -> None:
    with Session(connection) as session:
        found = audit.verify(session)
    if not found.is_whole:
        raise BadBackup(f"its chain breaks at entry {found.bad_seq}: {found.problem}")
    if (found.entries, found.head) != (manifest.entries, manifest.head):
        raise BadBackup("its chain is not the one of its manifest")


def _close(connection: Connection, manifest: Manifest, now: datetime) -> None:
    """End the sessions of the past, and write down that the desk was restored."""
    told = {"entries": manifest.entries, "moment": manifest.made_at[:16]}
    with Session(connection, join_transaction_mode="rollback_only") as session:
        session.execute(
            update(WebSession).where(WebSession.ended_at.is_(None)).values(ended_at=now)
        )
        timeline.write(session, None, "desk_restored", who=DESK, now=now, words_for=told, data=told)
        timeline.seal(session)
        session.commit()


def _keep_files(archive: tarfile.TarFile, manifest: Manifest, store: Store) -> None:
    for digest in manifest.files:
        file = archive.extractfile(f"{FILES}/{digest}")
        if file is None or store.put(file.read()) != digest:
            raise BadBackup(f"{FILES}/{digest} was changed")
