"""Let one write at a time in this process, the others in the order in which they came."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from sqlalchemy import Engine
from sqlalchemy.exc import TimeoutError as TookTooLong


class Turns:
    """A queue without overtaking."""

    def __init__(self) -> None:
        self._is_free = True
        self._waiting: deque[threading.Lock] = deque()
        self._lock = threading.Lock()

    @property
    def waiting(self) -> int:
        """Return how many wait."""
        return len(self._waiting)

    @contextmanager
    def turn(self, seconds: float) -> Iterator[None]:
        """Wait for a turn and hold it; raise TimeoutError when it does not come in time."""
        self._enter(seconds)
        try:
            yield
        finally:
            self._leave()

    def _enter(self, seconds: float) -> None:
        with self._lock:
            if self._is_free:
                self._is_free = False
                return
            gate = threading.Lock()
            gate.acquire()
            self._waiting.append(gate)
        if gate.acquire(timeout=seconds):
            return
        with self._lock:
            if gate in self._waiting:
                self._waiting.remove(gate)
                raise TookTooLong("other changes took too long")

    def _leave(self) -> None:
        """Hand the turn to who waits longest."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_free = True


@lru_cache
def turns_of(engine: Engine) -> Turns:
    """Return the queue of those who write by an engine."""
    return Turns()
