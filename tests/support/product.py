"""The running product: `tocsin init` and `tocsin serve` as real processes on free ports.

with running_product(tmp_path) as desk:
    desk.call("POST", "/reports", token, json=raw_report())
    desk.kill("engine"); desk.kill("desk")
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import requests
from click.testing import CliRunner

from incident.cli import tocsin
from tests.support.tree import ROOT

T = TypeVar("T")
START_SECONDS = 180  # a few where nothing else runs
PARTS = ("desk", "engine", "gateway")


@dataclass
class Product:
    """A desk that serves, and how to reach and to hurt it."""

    folder: Path
    port: int
    gateway_port: int
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    http: requests.Session = field(default_factory=requests.Session)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self, *words: str) -> str:
        """Run a tocsin command to its end and return what it printed."""
        run = subprocess.run(
            [sys.executable, "-m", "wsgi", *words],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            check=True,
            timeout=120,
        )
        return run.stdout.decode().strip()

    def user(self, name: str, *roles: str, phone: str | None = None) -> str:
        """Add an account and return a token of it."""
        words = [word for role in roles for word in ("--role", role)]
        self._within("user", "add", name, *words, *(["--phone", phone] if phone else []))
        return self._within("token", "issue", "--user", name)

    def _within(self, *words: str) -> str:
        """Run a command as `command` does, but in this process: it spares seconds of imports."""
        run = CliRunner().invoke(tocsin, words, env=self.environment, catch_exceptions=False)
        assert run.exit_code == 0, run.output
        return run.stdout.strip()

    def start(self) -> None:
        with (self.folder / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "wsgi", "serve"],
                env=self.environment,
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
        self.wait_for(self.answers, "the desk to answer")

    def answers(self) -> bool:
        try:
            return self.http.get(f"{self.url}/healthz", timeout=2).ok
        except requests.RequestException:
            return False

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)

    def kill_all(self) -> None:
        """Pull the plug: SIGKILL to every process of the desk at once."""
        assert self.process is not None
        for pid in [*self.children(), self.process.pid]:
            _kill(pid)
        self.process.wait(30)

    def kill(self, part: str) -> None:
        """SIGKILL one part with what it started; the rest goes on."""
        assert part in PARTS
        for pid in self.children():
            if f" {part} " in f"{_command_line(pid)} ":
                _kill(pid)

    def children(self) -> list[int]:
        """Return the pids of every process below `tocsin serve`."""
        assert self.process is not None
        found, waiting = list[int](), [self.process.pid]
        while waiting:
            below = _below(waiting.pop())
            found += below
            waiting += below
        return found

    def call(
        self, method: str, path: str, token: str, *, status: int | None = None, **rest: Any
    ) -> Any:
        """Call the API; with `status`, insist on it. Return the JSON body."""
        headers = {"Authorization": f"Bearer {token}", **rest.pop("headers", {})}
        answer = self.http.request(
            method, f"{self.url}/api/v1{path}", headers=headers, timeout=20, **rest
        )
        assert status is None or answer.status_code == status, answer.text
        return answer.json()

    def inbox(self) -> list[dict[str, Any]]:
        """Return what the stand-in provider accepted, from its journal."""
        journal = self.folder / "var" / "gateway.jsonl"
        lines = journal.read_text("utf-8").splitlines() if journal.exists() else []
        rows = [json.loads(line) for line in lines]
        return [row for row in rows if row.get("event") == "accepted" or "body" in row]

    def wait_for(self, ask: Callable[[], T], what: str, seconds: float = START_SECONDS) -> T:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := ask():
                return found
            time.sleep(0.1)
        raise AssertionError(f"waited {seconds} s for {what}\n{self.log()[-4000:]}")

    def log(self) -> str:
        return (self.folder / "serve.log").read_text("utf-8", "replace")


@contextmanager
def running_product(
    folder: Path, *, database_url: str | None = None, **settings: str
) -> Iterator[Product]:
    """Prepare and start a desk in a folder; stop it, and everything it started, at the end."""
    port, gateway_port = _free_port(), _free_port()
    own = {
        "TOCSIN_DATA_DIR": str(folder / "var"),
        "TOCSIN_PORT": str(port),
        "TOCSIN_GATEWAY_PORT": str(gateway_port),
        **({"TOCSIN_DATABASE_URL": database_url} if database_url else {}),
        **settings,
    }
    product = Product(folder, port, gateway_port, _environment(own))
    product.command("init")
    try:
        product.start()
        yield product
    finally:
        product.stop()
        product.http.close()


def _environment(own: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    return {**kept, **own}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _below(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    except OSError:
        return []
    return [int(word) for word in text.split()]


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
