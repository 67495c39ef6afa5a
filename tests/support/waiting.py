"""Wait for what another thread or process does, with a deadline."""

import time
from collections.abc import Callable


def wait_until(holds: Callable[[], bool], *, seconds: float, what: str) -> float:
    """Return after how many seconds it holds; fail when it does not in time."""
    begin = time.monotonic()
    while not holds():
        assert time.monotonic() - begin < seconds, f"{what}: not within {seconds} s"
        time.sleep(0.02)
    return time.monotonic() - begin
