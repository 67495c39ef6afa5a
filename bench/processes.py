"""Processes that a benchmark starts: they end with it, and their memory can be read."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import requests

ROOT = Path(__file__).parent.parent
READY_SECONDS, STOP_SECONDS = 60.0, 15.0


def tocsin(*words: str) -> list[str]:
    """Return the command line of the desk's own program, as this checkout has it."""
    return module("wsgi", *words)


def module(name: str, *words: str) -> list[str]:
    """Return the command line of one of our modules."""
    return [sys.executable, "-m", name, *words]


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str], *, log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process, and those it starts, until the block is left."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", *command],
            cwd=ROOT,
            env=_environment(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process politely, and after a while with its whole group."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a process and its children as a loss of power would."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def until_answers(url: str, process: subprocess.Popen[bytes], *, log: Path) -> None:
    """Return when the address answers; fail with the log when the process ends before."""
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            if requests.get(url, timeout=2).status_code < 500:
                return
        except requests.RequestException:
            pass
        assert process.poll() is None, log.read_text(errors="replace")[-3000:]
        assert time.monotonic() < deadline, f"{url} does not answer"
        time.sleep(0.05)


def until(holds: Callable[[], bool], what: str, *, seconds: float = READY_SECONDS) -> None:
    """Return once it holds; fail when that takes too long."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"in {seconds:g} s it never came that {what}"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def tree(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    found = [pid]
    for each in found:
        for tasks in Path(f"/proc/{each}/task").glob("*/children"):
            found += [int(child) for child in tasks.read_text().split()]
    return found


def memory(pid: int) -> float:
    """Return the megabytes that a process takes, what it shares with others in its part (PSS)."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / 1e3


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, **more}
