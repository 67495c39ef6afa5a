"""The workers of delivery: some are kept for what is urgent, so that a drill never delays it."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from incident.operations.outbox import PATIENT

WORKERS = 8
SHARED = 3  # of them, which also work for drills and tests
AHEAD = 4  # claimed for each worker: one being sent, the others at hand while others are written

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pools:
    """Threads by what they may work for, and how many there are of each."""

    reserved: ThreadPoolExecutor
    shared: ThreadPoolExecutor
    sizes: tuple[int, int]


@contextmanager
def open_pools(workers: int = WORKERS) -> Iterator[Pools]:
    """Open the threads, so many together; they end with the block."""
    shared = max(1, workers * SHARED // WORKERS)
    reserved = max(1, workers - shared)
    with (
        ThreadPoolExecutor(reserved, thread_name_prefix="deliver") as first,
        ThreadPoolExecutor(shared, thread_name_prefix="deliver-shared") as second,
    ):
        yield Pools(reserved=first, shared=second, sizes=(reserved, shared))


class Lanes:
    """Who works for what: nothing urgent ever waits behind a drill's message that is slow."""

    def __init__(self, pools: Pools) -> None:
        self._pools = pools
        self._lock = threading.Lock()
        self._reserved = self._lent = self._patient = 0

    def room(self) -> tuple[int, int]:
        """Return how many more urgent and how many more patient messages there is room for.

        The shared workers work for what is urgent, but for while a drill's message is with them.
        """
        reserved, shared = (size * AHEAD for size in self._pools.sizes)
        with self._lock:
            lent = 0 if self._patient else shared - self._lent
            patient = 0 if self._lent else shared - self._patient
            return reserved - self._reserved + lent, patient

    def submit(
        self, priority: int, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs
    ) -> Future[R]:
        """Let a worker do this; which one follows from how urgent it is."""
        pool, counter = self._place(priority)
        future = pool.submit(work, *args, **kwargs)
        future.add_done_callback(lambda _: self._count(counter, -1))
        return future

    def _place(self, priority: int) -> tuple[ThreadPoolExecutor, str]:
        reserved, shared = self._pools.sizes
        with self._lock:
            if priority >= PATIENT:
                place = self._pools.shared, "_patient"
            elif not self._patient and self._lent * reserved < self._reserved * shared:
                place = self._pools.shared, "_lent"
            else:
                place = self._pools.reserved, "_reserved"
        self._count(place[1], 1)
        return place

    def _count(self, counter: str, by: int) -> None:
        with self._lock:
            setattr(self, counter, getattr(self, counter) + by)
