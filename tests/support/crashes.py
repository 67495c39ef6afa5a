"""Crashes: where a process is killed, or, where only what it leaves counts, a crash in this one.

with crash_at("climb.before_queue"):     # raises Crashed there, which nothing catches but this
    escalate(services)
"""

from collections.abc import Iterator
from contextlib import contextmanager

from incident import crashpoints
from incident.crashpoints import Fuse


class Crashed(BaseException):
    """The process is no more; what was not committed never was."""


@contextmanager
def crash_at(name: str, *, at: int = 1) -> Iterator[None]:
    """Crash the work of the block at a place; fail when it never comes there."""
    crashpoints.fuse = Fuse(name, at=at, blow=_crash)
    try:
        yield
    except Crashed:
        return
    finally:
        crashpoints.fuse = None
    raise AssertionError(f"nothing came to {name} for the {at}. time")


def _crash() -> None:
    raise Crashed
