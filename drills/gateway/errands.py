"""Errands by due time, done by a few threads; used by the stand-in provider alone."""

import heapq
import itertools
import logging
import time
from collections.abc import Callable
from threading import Condition, Thread

logger = logging.getLogger(__name__)

HANDS = 4
BACKLOG = 50_000

Errand = Callable[[], object]


class Errands:
    """A list that is worked off in order of due time; a full list drops what comes, and says so."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Errand]] = []
        self._order = itertools.count()
        self._changed = Condition()
        self._open = True
        self._threads = [Thread(target=self._work, daemon=True) for _ in range(HANDS)]
        for thread in self._threads:
            thread.start()

    def after(self, seconds: float, errand: Errand) -> None:
        with self._changed:
            if len(self._due) >= BACKLOG:
                logger.warning("the list of errands is full: one was dropped")
                return
            due = time.monotonic() + seconds
            heapq.heappush(self._due, (due, next(self._order), errand))
            self._changed.notify()

    def close(self, *, timeout: float) -> None:
        """Stop without doing what is left; wait so many seconds for what is being done."""
        with self._changed:
            self._open = False
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout=timeout)

    def _work(self) -> None:
        while (errand := self._next()) is not None:
            try:
                errand()
            except Exception:  # one errand must not end the others
                logger.exception("an errand of the stand-in provider failed")

    def _next(self) -> Errand | None:
        """Wait for the next errand that is due; None when the list is closed."""
        with self._changed:
            while self._open:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(wait)
            return None
