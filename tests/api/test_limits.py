"""The windows in which writes are counted."""

import threading

import pytest

from incident.api import counting
from incident.api.counting import Windows

HOUR = 3600


def test_a_window_counts_until_it_ends() -> None:
    windows = Windows()
    assert [windows.incr("a", HOUR) for _ in range(3)] == [1, 2, 3]
    assert (windows.get("a"), windows.get("b")) == (3, 0)
    assert windows.incr("ended", 0) == windows.incr("ended", 0) == 1
    assert windows.get("ended") == 0


def test_windows_that_ended_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MANY", 10)
    windows = Windows()
    windows.incr("kept", HOUR)
    for number in range(100):
        windows.incr(str(number), 0)
    assert windows.get("kept") == 1
    assert windows.reset() <= 10


def test_no_hit_is_lost_among_threads() -> None:
    windows = Windows()

    def hit() -> None:
        for _ in range(500):
            windows.incr("a", HOUR)

    threads = [threading.Thread(target=hit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert windows.get("a") == 4000
    windows.clear("a")
    assert windows.get("a") == 0
