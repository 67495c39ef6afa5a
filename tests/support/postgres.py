"""A PostgreSQL server of the tests' own: private folder, Unix socket only, gone with the tests."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

from tests.support import scratch

START_SECONDS = 60
RELEASE_WITH_CHOICE = 15
# What a crash of the machine would lose does not matter to a database that lives for one test run.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "UTC",
}


@dataclass(kw_only=True)
class Server:
    """A server; every database on it was made through here."""

    folder: Path
    _process: subprocess.Popen[bytes] | None = None

    def start(self, settings: Mapping[str, str] = SETTINGS) -> None:
        """Start it, and return when it answers."""
        self._process = _start(self, _account(), settings)
        _wait(self, self._process)

    def stop(self, by: signal.Signals = signal.SIGINT) -> None:
        """Stop it: by SIGINT sessions are ended first, by SIGQUIT it goes like in a power cut."""
        assert self._process is not None, "it does not run"
        self._process.send_signal(by)
        self._process.wait(timeout=START_SECONDS)
        self._process = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, name: str) -> str:
        """Name a database for SQLAlchemy."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def create(self, name: str, template: str = "template0") -> str:
        """Make a database, empty or as a copy that nobody is connected to; return its URL."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}" + self._by_files)
        self._execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove a database, closing what is still connected to it."""
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        self._execute(statement.format(sql.Identifier(name)))

    def has(self, name: str) -> bool:
        query = "SELECT 1 FROM pg_database WHERE datname = %s"
        return self._own.execute(query, [name]).fetchone() is not None

    def rename(self, name: str, to: str) -> None:
        statement = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        self._execute(statement.format(sql.Identifier(name), sql.Identifier(to)))

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.folder), user="postgres", dbname="postgres", autocommit=True
        )

    @cached_property
    def _by_files(self) -> LiteralString:
        """How to ask for the copy that writes no log, which releases before 15 always made."""
        release = int((self.data / "PG_VERSION").read_text("ascii"))
        return " STRATEGY FILE_COPY" if release >= RELEASE_WITH_CHOICE else ""

    @cached_property
    def _own(self) -> psycopg.Connection:
        connection = self.connect()
        self.assert_own(connection)
        return connection

    def _execute(self, statement: sql.Composed) -> None:
        self._own.execute(statement)

    def close(self) -> None:
        """End the connection by which databases are made, if any was."""
        if "_own" in vars(self):
            self._own.close()

    def assert_own(self, connection: psycopg.Connection) -> None:
        """Refuse to touch a server that is not the one in our folder."""
        row = connection.execute("SHOW data_directory").fetchone()
        assert row == (str(self.data),), f"not the tests' own server: {row}"


@contextmanager
def running_server(
    settings: Mapping[str, str] = SETTINGS, *, within: Path | None = None
) -> Iterator[Server]:
    """Start a server in a new folder; stop it and remove the folder at the end.

    The folder is in memory where there is room, unless told `within` which other.
    PostgreSQL refuses to run as root, so root lends the folder to another account.
    """
    # Not pytest's tmp_path: a Unix socket's path must be shorter than 108 bytes.
    folder = Path(tempfile.mkdtemp(prefix="tocsin-pg-", dir=within or scratch.root()))
    try:
        account = _account()
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
        server = Server(folder=folder)
        _initialise(server, account)
        server.start(settings)
        try:
            yield server
        finally:
            server.close()
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _account() -> pwd.struct_passwd | None:
    """The account that the server runs as; None where it is our own."""
    if os.geteuid():
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _program(name: str) -> str:
    """Debian keeps the server's programs off the PATH, one folder for each version."""
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parts[-2])
    )
    found = shutil.which(name, path=os.pathsep.join([*map(str, versions[::-1]), os.defpath]))
    assert found, f"PostgreSQL's {name} is not installed; `make test` installs it"
    return found


def _as(account: pwd.struct_passwd | None) -> list[str]:
    """Words before a command that runs it as the account and ends it when the tests are killed."""
    words = ["setpriv", "--pdeathsig", "INT"]
    if account:
        words += [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    return words


def _initialise(server: Server, account: pwd.struct_passwd | None) -> None:
    words = [_program("initdb"), "--no-sync", "--auth=trust", "--username=postgres"]
    words += ["--encoding=UTF8", "--locale=C.UTF-8", f"--pgdata={server.data}"]
    done = subprocess.run(
        [*_as(account), *words], cwd=server.folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def _start(
    server: Server, account: pwd.struct_passwd | None, settings: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    given = {**settings, "unix_socket_directories": str(server.folder)}
    options = [word for name, value in given.items() for word in ("-c", f"{name}={value}")]
    with (server.folder / "log").open("wb") as log:
        return subprocess.Popen(
            [*_as(account), _program("postgres"), "-D", str(server.data), *options],
            cwd=server.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    """Return when the server answers; fail with its log when it does not."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with server.connect() as connection:
                return server.assert_own(connection)
        except psycopg.OperationalError:
            log = (server.folder / "log").read_text(errors="replace")
            assert process.poll() is None, f"PostgreSQL did not start:\n{log}"
            assert time.monotonic() < deadline, f"PostgreSQL did not answer:\n{log}"
            time.sleep(0.05)
