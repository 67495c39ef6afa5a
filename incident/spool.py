"""The spool: reports that came while the database was away, on the disk before they are answered.

One file of records, oldest first. A record is a header and its payload; the header tells the
length and the CRC of the payload and has a CRC of its own, so that a record cut short by a crash
is told from one that the disk has spoilt. The first was never answered and is dropped; what is
spoilt may have been, and is put aside in a file for a person to look at.
"""

import fcntl
import json
import os
import struct
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

MAGIC = b"TSP1"
HEADER = struct.Struct(">4sIII")  # magic, length, CRC of the payload, CRC of the twelve before
LARGEST = 64 * 1024 * 1024
FILE, LOCK, SPOILT = "reports.spool", "lock", "spoilt-*.bin"


class SpoolFull(OSError):
    """The spool holds as much as it may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spooled:
    """One report of the spool.

    `number` is the temporary one. `key` and `body` are its idempotency key and the digest of what
    came, `answered` says where: api or page. `credential` is the digest of the token or session by
    which it came. `incident` is the one that it adds to, `version` the one that the caller saw;
    both None for a new one. `began_at` is when it was first tried without the spool.
    """

    number: str
    key: str
    body: str
    answered: str
    user_id: int
    person: str
    credential: str
    content: dict[str, Any]
    incident: str | None
    version: int | None
    began_at: datetime
    spooled_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a file holds: its records, how far it is sound, and what the disk has spoilt.

    Bytes from `end` on are a record that was cut short.
    """

    records: tuple[Spooled, ...]
    end: int
    spoilt: tuple[bytes, ...]


def append(folder: Path, record: Spooled) -> None:
    """Put a record at the end and onto the disk; raise OSError where that cannot be done.

    After an error the record is not there: nothing was promised to anybody.
    """
    packed = pack(record)
    with _locked(folder):
        path = folder / FILE
        is_new = not path.exists()
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _write(handle, packed)
        finally:
            os.close(handle)
        if is_new:
            _sync_folder(folder)


def waiting(folder: Path) -> tuple[Spooled, ...]:
    """Return the reports that wait, the oldest first; none where there is no spool."""
    try:
        return unpack((folder / FILE).read_bytes()).records
    except FileNotFoundError:
        return ()


def is_empty(folder: Path) -> bool:
    """Tell whether nothing waits, at the cost of one look."""
    return not (folder / FILE).exists()


def find(folder: Path, number: str) -> Spooled | None:
    """Return the report of a temporary number while it waits."""
    return next((one for one in waiting(folder) if one.number == number), None)


def remove(folder: Path, numbers: Collection[str]) -> None:
    """Take out what the database has; what is spoilt goes into a file of its own."""
    with _locked(folder):
        path = folder / FILE
        if not path.exists():
            return
        contents = unpack(path.read_bytes())
        for index, part in enumerate(contents.spoilt):
            _write_new(folder / f"spoilt-{os.getpid()}-{path.stat().st_mtime_ns}-{index}.bin", part)
        kept = [one for one in contents.records if one.number not in numbers]
        if kept:
            part_path = folder / f"{FILE}.part"
            _write_new(part_path, b"".join(pack(one) for one in kept))
            part_path.rename(path)
        else:
            path.unlink()
        _sync_folder(folder)


def spoilt(folder: Path) -> int:
    """Return how many pieces the disk has spoilt and nobody has looked at yet."""
    try:
        inside = len(unpack((folder / FILE).read_bytes()).spoilt)
    except FileNotFoundError:
        inside = 0
    return inside + sum(1 for _ in folder.glob(SPOILT))


def pack(record: Spooled) -> bytes:
    """Return a record as it stands in the file."""
    told = json.dumps(asdict(record), ensure_ascii=False, default=datetime.isoformat)
    payload = told.encode()
    start = struct.pack(">4sII", MAGIC, len(payload), zlib.crc32(payload))
    return start + struct.pack(">I", zlib.crc32(start)) + payload


def unpack(content: bytes) -> Contents:
    """Return what a file holds."""
    records, spoilt_parts, place = list[Spooled](), list[bytes](), 0
    while place < len(content):
        length = _length(content, place)
        if length is None:
            following = _resume(content, place + 1)
            if following is None and len(content) - place < HEADER.size:
                break
            following = len(content) if following is None else following
            spoilt_parts.append(content[place:following])
            place = following
            continue
        if place + length > len(content):
            break
        record = _record(content[place : place + length])
        if record is None:
            spoilt_parts.append(content[place : place + length])
        else:
            records.append(record)
        place += length
    return Contents(records=tuple(records), end=place, spoilt=tuple(spoilt_parts))


def _length(content: bytes, place: int) -> int | None:
    """Return the length of the record whose header stands here; None where none does."""
    header = content[place : place + HEADER.size]
    if len(header) < HEADER.size:
        return None
    magic, length, _, check = HEADER.unpack(header)
    if magic != MAGIC or zlib.crc32(header[:12]) != check:
        return None
    return HEADER.size + int(length)


def _resume(content: bytes, place: int) -> int | None:
    """Return where the next header stands, None when there is none."""
    while (place := content.find(MAGIC, place)) >= 0:
        if _length(content, place) is not None:
            return place
        place += 1
    return None


def _record(packed: bytes) -> Spooled | None:
    _, _, check, _ = HEADER.unpack(packed[: HEADER.size])
    payload = packed[HEADER.size :]
    if zlib.crc32(payload) != check:
        return None
    told = json.loads(payload)
    moments = {name: datetime.fromisoformat(told[name]) for name in ("began_at", "spooled_at")}
    return Spooled(**{**told, **moments})


def _write(handle: int, packed: bytes) -> None:
    """Write behind the last sound record; take back what could not be written whole."""
    content = os.pread(handle, os.fstat(handle).st_size, 0)
    end = unpack(content).end
    if end + len(packed) > LARGEST:
        raise SpoolFull(f"the spool holds {end} bytes")
    try:
        os.ftruncate(handle, end)
        _write_all(handle, packed, end)
        os.fsync(handle)
    except OSError:
        os.ftruncate(handle, end)
        raise


def _write_all(handle: int, packed: bytes, place: int) -> None:
    left = memoryview(packed)
    while left:
        written = os.pwrite(handle, left, place)
        left, place = left[written:], place + written


def _write_new(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        _write_all(handle, content, 0)
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let one process at a time change the file."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
