"""Back up the whole desk: every table as lines of JSON, every file, and their digests."""

import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Engine, Table, select

from incident import schema
from incident.db import Base
from incident.models import ChainHead
from incident.store import Store

FORMAT = 1
MANIFEST = "manifest.json"
TABLES, FILES = "tables", "files"
AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One table of a backup: how many rows, and the SHA-256 of its lines."""

    rows: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds; `files` gives the size of each file by its SHA-256."""

    made_at: str
    organisation: str
    schema: str
    entries: int
    head: str
    tables: Mapping[str, Kept] = field(default_factory=dict)
    files: Mapping[str, int] = field(default_factory=dict)
    format: int = FORMAT


def back_up(
    engine: Engine, store: Store, target: Path, *, organisation: str, now: datetime
) -> Manifest:
    """Write the backup: beside the target, synced, then in its place; return what it holds.

    The tables are of one moment; the desk may go on. No secret of the data folder or of the
    environment is in it.
    """
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as name:
        folder = Path(name)
        with _one_moment(engine) as connection:
            manifest = Manifest(
                made_at=now.isoformat(),
                organisation=organisation,
                schema=schema.newest(),
                tables={table.name: _dump(connection, table, folder) for table in _tables()},
                files=dict(_sizes(store)),
                **_head(connection),
            )
        beside = folder / "desk.tar.gz"
        with beside.open("wb") as file:
            _pack(file, manifest, folder, store)
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(0o600)
        beside.replace(target)
    _sync(target.parent)
    return manifest


@contextmanager
def _one_moment(engine: Engine) -> Iterator[Connection]:
    """Open a transaction in which all reads see the same state."""
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


def _tables() -> list[Table]:
    """Return the tables, those that others point at first."""
    return list(Base.metadata.sorted_tables)


def _head(connection: Connection) -> dict[str, Any]:
    row = connection.execute(select(ChainHead.seq, ChainHead.hash)).one()
    return {"entries": row.seq, "head": row.hash}


def _dump(connection: Connection, table: Table, folder: Path) -> Kept:
    """Write a table's rows, in the order of their keys."""
    digest, rows = hashlib.sha256(), 0
    query = select(table).order_by(*table.primary_key.columns)
    found = connection.execution_options(yield_per=AT_ONCE).execute(query)
    with (folder / table.name).open("wb") as file:
        for row in found.mappings():
            line = json.dumps(dict(row), ensure_ascii=False, default=_plain).encode() + b"\n"
            digest.update(line)
            file.write(line)
            rows += 1
    return Kept(rows=rows, sha256=digest.hexdigest())


def _plain(value: object) -> str:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a backup")


def _sizes(store: Store) -> Iterator[tuple[str, int]]:
    for digest in store.digests():
        yield digest, len(store.get(digest))


def _pack(file: IO[bytes], manifest: Manifest, folder: Path, store: Store) -> None:
    """Pack the manifest first, so that a reader knows what must follow."""
    told = json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()
    with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as archive:
        _add(archive, MANIFEST, told)
        for name in manifest.tables:
            archive.add(folder / name, f"{TABLES}/{name}.jsonl", filter=_nobodys)
        for digest in manifest.files:
            _add(archive, f"{FILES}/{digest}", store.get(digest))


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Leave out who owned the file and when it was written."""
    plain = tarfile.TarInfo(member.name)
    plain.size = member.size
    return plain


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
