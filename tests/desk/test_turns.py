"""Turns to write: one at a time, in the order of coming, and none lost by who gives up."""

import threading
from contextlib import ExitStack

import pytest
from sqlalchemy.exc import TimeoutError as TookTooLong

from incident.turns import Turns
from tests.support.waiting import wait_until

PATIENT = 30.0


def test_there_is_one_at_a_time() -> None:
    turns = Turns()
    with turns.turn(0), pytest.raises(TookTooLong), turns.turn(0):
        pass
    with turns.turn(0):
        pass


def test_who_came_first_is_first() -> None:
    turns = Turns()
    came: list[int] = []

    def take(number: int) -> None:
        with turns.turn(PATIENT):
            came.append(number)

    threads = [threading.Thread(target=take, args=(number,)) for number in range(8)]
    with turns.turn(0):
        for waiting, thread in enumerate(threads, start=1):
            thread.start()
            wait_until(lambda n=waiting: turns.waiting == n, seconds=PATIENT, what="one more waits")
    for thread in threads:
        thread.join()
    assert came == list(range(8))


def test_who_gives_up_loses_no_turn() -> None:
    turns = Turns()
    with ExitStack() as held:
        held.enter_context(turns.turn(0))
        for _ in range(3):
            with pytest.raises(TookTooLong), turns.turn(0.01):
                pass
    with turns.turn(0):
        pass


def test_a_turn_ends_with_an_error() -> None:
    turns = Turns()
    with pytest.raises(LookupError), turns.turn(0):
        raise LookupError
    with turns.turn(0):
        pass
