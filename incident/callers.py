"""Who was known lately: tokens and sessions by digest, so that a report is taken without database.

Kept beside the spool and put onto the disk, for each process and for one started anew. Nothing
in it opens anything by itself: it names people, as of when the database last vouched for them.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

GOOD_FOR = timedelta(hours=12)  # as long as the longest session
NOTED_EVERY = timedelta(minutes=10)
MOST = 2000
FILE, LOCK = "callers.json", "callers.lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A person as the database last knew him; empty scopes are all that he may do."""

    user_id: int
    display: str
    roles: tuple[str, ...]
    scopes: tuple[str, ...]
    vouched_at: datetime


class Callers:
    """The callers of one folder, as this process knows them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._noted: dict[str, datetime] = {}
        self._lock = Lock()

    def note(self, digest: str, caller: Caller) -> None:
        """Remember somebody for whom the database has just vouched; mostly this does nothing.

        Raise OSError where the folder cannot be written.
        """
        last = self._noted.get(digest)
        if last is not None and last <= caller.vouched_at < last + NOTED_EVERY:
            return
        with self._lock, _locked(self._folder):
            known = self._read()
            known[digest] = caller
            self._write(_youngest(known, caller.vouched_at))
        self._noted[digest] = caller.vouched_at

    def find(self, digest: str, now: datetime) -> Caller | None:
        """Return who brought this, None when nobody vouched for him lately."""
        try:
            caller = self._read().get(digest)
        except OSError:
            return None
        if caller is None or now - caller.vouched_at > GOOD_FOR:
            return None
        return caller

    def _read(self) -> dict[str, Caller]:
        try:
            told = json.loads((self._folder / FILE).read_bytes())
        except (FileNotFoundError, ValueError):
            return {}
        return {digest: _caller(fields) for digest, fields in told.items()}

    def _write(self, known: dict[str, Caller]) -> None:
        told = {digest: asdict(caller) for digest, caller in known.items()}
        part = self._folder / f"{FILE}.part"
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(told, file, ensure_ascii=False, default=datetime.isoformat)
            file.flush()
            os.fsync(file.fileno())
        part.rename(self._folder / FILE)


def _caller(fields: dict[str, object]) -> Caller:
    roles, scopes = fields["roles"], fields["scopes"]
    assert isinstance(roles, list)  # noqa: S101 - our own file
    assert isinstance(scopes, list)  # noqa: S101
    return Caller(
        user_id=int(str(fields["user_id"])),
        display=str(fields["display"]),
        roles=tuple(roles),
        scopes=tuple(scopes),
        vouched_at=datetime.fromisoformat(str(fields["vouched_at"])),
    )


def _youngest(known: dict[str, Caller], now: datetime) -> dict[str, Caller]:
    """Leave out who is no longer good, and the oldest where there are too many."""
    good = [item for item in known.items() if now - item[1].vouched_at <= GOOD_FOR]
    good.sort(key=lambda item: item[1].vouched_at, reverse=True)
    return dict(good[:MOST])


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
