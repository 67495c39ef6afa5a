"""Count in windows of time in this process's memory, without a thread for each request."""

import threading
from typing import Any

from limits.storage import Storage

from incident.clock import SystemClock

SCHEME = "windows"
MANY = 1000  # windows, after which those that ended are looked for


class Windows(Storage):
    """Storage for fixed windows; the library's own starts a timer thread with nearly every hit."""

    STORAGE_SCHEME = [SCHEME]

    def __init__(self, uri: str | None = None, **options: Any) -> None:
        super().__init__(uri, **options)
        self._clock = SystemClock()
        self._lock = threading.Lock()
        self._open: dict[str, tuple[int, float]] = {}

    @property
    def base_exceptions(self) -> type[Exception]:
        """Return what a storage may raise; this one raises nothing of its own."""
        return LookupError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count, in a new window of so many seconds when the last one ended."""
        now = self._now()
        with self._lock:
            count, until = self._open.get(key, (0, now))
            if until <= now:
                self._forget_ended(now)
                count, until = 0, now + expiry
            self._open[key] = (count + amount, until)
            return count + amount

    def get(self, key: str) -> int:
        """Return the count of the window that is open, 0 when none is."""
        count, until = self._open.get(key, (0, 0.0))
        return count if until > self._now() else 0

    def get_expiry(self, key: str) -> float:
        """Return when the window ends, in seconds since 1970."""
        return self._open.get(key, (0, self._now()))[1]

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def reset(self) -> int:
        """Forget everything; return how many windows that were."""
        with self._lock:
            count = len(self._open)
            self._open.clear()
        return count

    def clear(self, key: str) -> None:
        """Forget one window."""
        with self._lock:
            self._open.pop(key, None)

    def _forget_ended(self, now: float) -> None:
        if len(self._open) >= MANY:
            self._open = {key: kept for key, kept in self._open.items() if kept[1] > now}

    def _now(self) -> float:
        return self._clock.now().timestamp()
