"""Parts of a running desk as processes of their own, which may be told where to crash.

with web_process(url, folder, crash="intake.after_commit:1") as web:
    web.file(token, key="k1")            # None: the connection broke
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from incident.crashpoints import VARIABLE
from tests.support.desk import ENVIRONMENT, raw_report
from tests.support.scripted_server import unused_port
from tests.support.tree import ROOT

START_SECONDS = 180  # a few where nothing else runs
FOREIGN = ("TOCSIN_", "TWILIO_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """A desk that serves pages and API."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def file(self, token: str, key: str, **changes: Any) -> requests.Response | None:
        """File a report under a key; None when the connection broke before an answer."""
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        try:
            return requests.post(
                f"{self.url}/api/v1/reports",
                json=raw_report(**changes),
                headers=headers,
                timeout=30,
            )
        except requests.ConnectionError:
            return None

    def answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=5).ok
        except requests.RequestException:
            return False


@contextmanager
def web_process(url: str, folder: Path, *, crash: str = "", port: int = 0) -> Iterator[Web]:
    """Serve a migrated database until the block is left, then pull the plug."""
    port = port or unused_port()
    log = folder / "web.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "wsgi", "web", "--workers", "1", "--threads", "4"],
            cwd=ROOT,
            env=_environment(url, folder, port=port, crash=crash),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    web = Web(process=process, port=port, log=log)
    try:
        _wait_for(web)
        yield web
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _environment(url: str, folder: Path, *, port: int, crash: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return {
        **kept,
        **ENVIRONMENT,
        "TOCSIN_DATABASE_URL": url,
        "TOCSIN_DATA_DIR": str(folder / "desk"),
        "TOCSIN_PORT": str(port),
        VARIABLE: crash,
    }


def _wait_for(web: Web) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not web.answers():
        assert web.process.poll() is None, web.log.read_text(errors="replace")[-3000:]
        assert time.monotonic() < deadline, f"{web.url} does not answer"
        time.sleep(0.1)
