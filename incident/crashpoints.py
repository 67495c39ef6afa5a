"""Named places where a process may be made to end as a crash ends it; otherwise they do nothing.

TOCSIN_CRASH=NAME:N in the environment kills the process, by SIGKILL, when it comes to that place
for the N-th time. Tests set it, and nobody else should.
"""

import os
import signal
from collections.abc import Callable
from threading import Lock

VARIABLE = "TOCSIN_CRASH"


class Fuse:
    """What happens at one place, when it is passed for the `at`-th time."""

    def __init__(self, name: str, *, at: int, blow: Callable[[], object]) -> None:
        self._name, self._left, self._blow = name, at, blow
        self._lock = Lock()

    def burn(self, name: str) -> None:
        """Count a passing of a place, and blow at the one that was named."""
        if name != self._name:
            return
        with self._lock:
            self._left -= 1
            is_time = self._left == 0
        if is_time:
            self._blow()


def crashpoint(name: str) -> None:
    """Mark a place of the table of crashes in docs/reliability.md."""
    if fuse is not None:
        fuse.burn(name)


def _of_environment() -> Fuse | None:
    name, _, at = os.environ.get(VARIABLE, "").partition(":")
    return Fuse(name, at=int(at or 1), blow=_die) if name else None


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


fuse = _of_environment()
