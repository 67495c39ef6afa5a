"""Serve: gunicorn for pages, API and live events; the engine and the stand-in beside it."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from flask import Flask
from gunicorn.app.base import BaseApplication

from incident.settings import Settings

logger = logging.getLogger(__name__)

THREADS = 400
KEPT_FOR_PAGES = 64  # sockets may take all threads but these, so that a report is always taken
RESTART_SECONDS = (0.5, 1, 2, 5)
STOP_SECONDS = 10
ENTRY = "wsgi"  # the module of the `tocsin` command; named, for nothing may import it


class WebServer(BaseApplication):  # type: ignore[misc]
    """Gunicorn with our settings and an application that each worker builds for itself."""

    def __init__(
        self,
        make_app: Callable[[], Flask],
        settings: Settings,
        *,
        workers: int,
        threads: int,
        worker_class: str = "gthread",
    ) -> None:
        self._make_app = make_app
        self._options = {
            "bind": f"{settings.host}:{settings.port}",
            "workers": workers,
            "threads": threads,
            "worker_class": worker_class,
            "timeout": 60,
            "graceful_timeout": STOP_SECONDS,
            "keepalive": 5,
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
            "control_socket_disable": True,
            "forwarded_allow_ips": "",
            "proc_name": "tocsin",
        }
        super().__init__()

    def load_config(self) -> None:
        """Give gunicorn its settings."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Build the application in the worker."""
        return self._make_app()


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

    def run(self, ready: Callable[[], None]) -> int:
        """Start the children, call `ready` once, restart what ends; return the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop.set())
        for child in self._children:
            child.start()
        ready()
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
        logger.error("%s ended; starting it again in %s s", child.name, pause)
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


def own_command(*words: str) -> list[str]:
    """Return the command line of a sub-command of this same program."""
    return [sys.executable, "-m", ENTRY, *words]


def end_with_parent() -> None:
    """End this process when whoever started it closes our standard input."""

    def wait() -> None:
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True, name="parent").start()
