"""Keep the processes of a desk running: a small process that knows the standard library alone.

Started by incident.serving, as `python supervisor.py PIPE`; the pipe brings the plan.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TextIO

RESTART_SECONDS = (0.5, 1, 2, 5)
STOP_SECONDS = 10
READY_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to run, by name; what to say once the desk answers at `host` and `port`."""

    children: Mapping[str, Sequence[str]]
    host: str
    port: int
    greeting: str
    sorry: str


@dataclass
class Child:
    """A process beside us: its command, and the process while it runs."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started: float = field(default_factory=time.monotonic)

    def start(self) -> None:
        """Start it; it ends by itself when its standard input closes, thus when we are gone."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE)  # noqa: S603

    def ended(self) -> bool:
        """Tell whether it is not running."""
        return self.process is None or self.process.poll() is not None


class Supervisor:
    """Keeps the children running until it is told to stop."""

    def __init__(self, children: Sequence[Child]) -> None:
        self._children = children
        self._stop = threading.Event()

    def run(self, ready: Callable[[threading.Event], None]) -> int:
        """Start the children, call `ready` beside, restart what ends; return the exit code."""
        set_on_signals(self._stop)
        for child in self._children:
            child.start()
        threading.Thread(target=ready, args=[self._stop], daemon=True).start()
        while not self._stop.wait(0.2):
            for child in self._children:
                if child.ended():
                    self._again(child)
        self._end()
        return 0

    def _again(self, child: Child) -> None:
        """Restart a child, the longer after the more often it failed in a row."""
        if time.monotonic() - child.started > max(RESTART_SECONDS) * 2:
            child.failures = 0
        pause = RESTART_SECONDS[min(child.failures, len(RESTART_SECONDS) - 1)]
        child.failures += 1
        _say(sys.stderr, f"{child.name} ended; starting it again in {pause} s")
        if not self._stop.wait(pause):
            child.start()

    def _end(self) -> None:
        for child in self._children:
            if child.process is not None and not child.ended():
                child.process.terminate()
        for child in self._children:
            if child.process is not None:
                try:
                    child.process.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    child.process.kill()


def end_with_parent() -> None:
    """End this process when whoever started it closes our standard input.

    Read without Python's buffer: whoever waits in that would break off the end of the process.
    """

    def wait() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True, name="parent").start()


def set_on_signals(stop: threading.Event) -> None:
    """Set the event on SIGTERM and SIGINT.

    From a thread of its own: a handler interrupts the main thread anywhere, also where that
    holds the event's lock, and would then wait for itself.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=stop.set, daemon=True).start())


def packed(plan: Plan) -> bytes:
    """Return the plan as it goes through the pipe."""
    return json.dumps(asdict(plan)).encode()


def main(pipe: int) -> int:
    """Run the plan that lies in the pipe."""
    with os.fdopen(pipe, "rb") as told:
        plan = Plan(**json.load(told))
    children = [Child(name, command) for name, command in plan.children.items()]
    return Supervisor(children).run(lambda stop: _greet(plan, stop))


def _greet(plan: Plan, stop: threading.Event) -> None:
    """Say where the desk is, once it answers."""
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        if _answers(plan):
            _say(sys.stdout, plan.greeting)
            return
        if stop.wait(0.2):
            return
    _say(sys.stderr, plan.sorry)


def _answers(plan: Plan) -> bool:
    question = f"GET /healthz HTTP/1.0\r\nHost: {plan.host}:{plan.port}\r\n\r\n"
    try:
        with socket.create_connection((plan.host, plan.port), timeout=1) as line:
            line.sendall(question.encode())
            return b" 200 " in line.recv(64)
    except OSError:
        return False


def _say(to: TextIO, text: str) -> None:
    to.write(text + "\n")
    to.flush()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
