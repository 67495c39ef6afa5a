"""The stand-in provider's journal: a line for each thing it knows, on disk before it answers."""

import json
import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Lock

logger = logging.getLogger(__name__)


class Journal:
    """JSON lines in one file. Many threads may wait for the same sync, so that many fit in one."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._pending = Lock()
        self._disk = Lock()
        self._lines: list[bytes] = []
        self._noted = 0
        self._safe = 0

    def entries(self) -> Iterator[Mapping[str, str | None]]:
        """Read what was written before; a line that a crash tore is left out and mended."""
        whole = self._path.read_bytes()
        if whole and not whole.endswith(b"\n"):
            os.write(self._file, b"\n")
        for number, line in enumerate(whole.splitlines(), start=1):
            entry = _read(line)
            if entry is None:
                logger.warning("line %d of the journal is torn and was left out", number)
            else:
                yield entry

    def note(self, entry: Mapping[str, str | None]) -> int:
        """Put an entry in line, to be written with the next sync; returns its place."""
        line = json.dumps(entry, ensure_ascii=False).encode() + b"\n"
        with self._pending:
            self._lines.append(line)
            self._noted += 1
            return self._noted

    def write(self, entry: Mapping[str, str | None]) -> None:
        """Return when the entry is on disk; raises OSError when it cannot be put there."""
        place = self.note(entry)
        with self._disk:
            if self._safe < place:
                self._sync()

    def close(self) -> None:
        """Write what is still in line."""
        with self._disk:
            self._sync()
            os.close(self._file)

    def _sync(self) -> None:
        with self._pending:
            lines, self._lines, place = self._lines, [], self._noted
        _write_all(self._file, b"".join(lines))
        os.fsync(self._file)
        self._safe = place


def _read(line: bytes) -> Mapping[str, str | None] | None:
    """Read one line; None for anything that is no entry."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and "event" in entry else None


def _write_all(file: int, block: bytes) -> None:
    while block:
        block = block[os.write(file, block) :]
