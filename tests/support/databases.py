"""Empty databases for tests, SQLite and PostgreSQL alike, and quick copies of a prepared one."""

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from tests.support.postgres import Server

Build = Callable[[str], None]
"""Fills the empty database at a URL, and leaves no connection open."""


class Databases(Protocol):
    """Hands out databases that belong to the caller alone; all are removed after the test."""

    dialect: str

    def empty(self) -> str:
        """Return the URL of a database with nothing in it."""
        ...

    def like(self, name: str, build: Build) -> str:
        """Return the URL of a copy of what `build` makes, called once a session for `name`."""
        ...


@dataclass
class SqliteDatabases:
    """Files in a folder."""

    folder: Path
    prepared: Path
    dialect: str = "sqlite"
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def empty(self) -> str:
        return _sqlite_url(self._next())

    def like(self, name: str, build: Build) -> str:
        original = self.prepared / f"{name}.db"
        if not original.exists():
            _build_file(original, build)
        return _sqlite_url(shutil.copyfile(original, self._next()))

    def _next(self) -> Path:
        return self.folder / f"desk-{next(self._numbers)}.db"


def _sqlite_url(file: Path) -> str:
    return f"sqlite:///{file}"


def _build_file(file: Path, build: Build) -> None:
    """Build beside and move, so that a failed build is not taken for a finished one."""
    part = file.with_suffix(".part")
    part.unlink(missing_ok=True)
    build(_sqlite_url(part))
    log = part.with_name(part.name + "-wal")
    assert not log.exists(), "build() left a connection open"
    part.rename(file)


@dataclass
class PostgresDatabases:
    """Databases on the tests' own server."""

    server: Server
    dialect: str = "postgresql"
    _made: list[str] = field(default_factory=list)

    def empty(self) -> str:
        return self.server.create(self._next())

    def like(self, name: str, build: Build) -> str:
        template = f"template_{name}"
        if not self.server.has(template):
            self.server.drop(f"{template}_part")
            build(self.server.create(f"{template}_part"))
            self.server.rename(f"{template}_part", template)
        return self.server.create(self._next(), template)

    def drop(self) -> None:
        for name in self._made:
            self.server.drop(name)

    def _next(self) -> str:
        self._made.append(f"desk_{os.urandom(6).hex()}")
        return self._made[-1]


@contextmanager
def postgres_databases(server: Server) -> Iterator[PostgresDatabases]:
    databases = PostgresDatabases(server)
    try:
        yield databases
    finally:
        databases.drop()
