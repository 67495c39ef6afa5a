"""The store of files: bytes under their SHA-256, written whole or not at all."""

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from incident.crashpoints import crashpoint
from incident.errors import NotFound


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of files named by the digest of what they hold."""

    folder: Path

    def put(self, content: bytes) -> str:
        """Keep the bytes and return their digest; kept once, and mended where they were damaged."""
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        if not _holds(path, content):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._write(path, content)
        return digest

    def get(self, digest: str) -> bytes:
        """Return the bytes; raise NotFound when they are not there or no longer true."""
        try:
            content = self._path(digest).read_bytes()
        except FileNotFoundError as error:
            raise NotFound("file-missing") from error
        if hashlib.sha256(content).hexdigest() != digest:
            raise NotFound("file-damaged")
        return content

    def digests(self) -> list[str]:
        """Return the digests of all files."""
        return sorted(path.name for path in self.folder.glob("??/[0-9a-f]*"))

    def _path(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest

    def _write(self, path: Path, content: bytes) -> None:
        """Write beside, sync, rename: a crash leaves the old state or the new one."""
        beside = path.with_name(f".{secrets.token_hex(8)}")
        try:
            with beside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            crashpoint("store.before_rename")
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _holds(path: Path, content: bytes) -> bool:
    return path.exists() and path.read_bytes() == content
