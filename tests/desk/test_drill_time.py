"""The clock of a drill as a value: pauses, speeds and jumps, there and back."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.operations.drill_time import REAL, DrillTime, Run

ZERO = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CLOSE = timedelta(milliseconds=1)

seconds = st.integers(1, 20_000).map(lambda number: timedelta(seconds=number))
speeds = st.sampled_from([0.5, 1.0, 2.0, 12.0, 60.0])


@st.composite
def clocks(draw: st.DrawFn, *, jumps: bool = False) -> DrillTime:
    """Return a clock that ran some stretches, with pauses, and that may still run."""
    at, reading = ZERO, draw(st.integers(0, 7200)) * 1.0
    runs = []
    for _ in range(draw(st.integers(1, 5))):
        length, speed = draw(seconds), draw(speeds)
        runs.append(Run(started_at=at, ended_at=at + length, speed=speed, from_seconds=reading))
        reading += length.total_seconds() * speed
        at += length + draw(st.one_of(st.just(timedelta()), seconds))
        if jumps:
            reading += draw(st.integers(0, 3600))
    if draw(st.booleans()):
        runs.append(Run(started_at=at, ended_at=None, speed=draw(speeds), from_seconds=reading))
    return DrillTime.of(runs)


def hour(*, stopped_after: timedelta | None = None, speed: float = 1.0) -> DrillTime:
    """Return a clock that begins at ZERO from the reading of one hour."""
    ended = None if stopped_after is None else ZERO + stopped_after
    return DrillTime((Run(started_at=ZERO, ended_at=ended, speed=speed, from_seconds=3600.0),))


@given(clocks(), st.integers(-7200, 120_000))
def test_a_reading_leads_back_to_the_moment_that_first_showed_it(
    clock: DrillTime, offset: int
) -> None:
    moment = ZERO + timedelta(seconds=offset)
    reading = clock.reached(moment)
    found = clock.wall(reading)

    assert found is not None
    assert abs(clock.reached(found) - reading) < CLOSE * 60
    assert found <= moment + CLOSE


@given(clocks(jumps=True), st.integers(0, 100_000), st.integers(0, 100_000))
def test_no_clock_runs_backwards(clock: DrillTime, first: int, second: int) -> None:
    early, late = (ZERO + timedelta(seconds=one) for one in sorted((first, second)))

    assert clock.reached(early) <= clock.reached(late)
    assert clock.between(early, late) >= timedelta()


@given(clocks(jumps=True), st.integers(0, 100_000), st.integers(0, 100_000))
def test_what_is_shown_later_comes_later(clock: DrillTime, first: int, second: int) -> None:
    early, late = (timedelta(seconds=one) for one in sorted((first, second)))

    assert clock.going.expect(early) <= clock.going.expect(late)


@given(clocks(jumps=True), st.integers(0, 100_000), seconds)
def test_a_due_time_comes_when_so_much_drill_time_has_passed(
    clock: DrillTime, offset: int, length: timedelta
) -> None:
    base = clock.runs[-1].started_at + timedelta(seconds=offset)
    due = clock.project(base, base + length)

    assert abs(clock.left(due, base) - length) < CLOSE * 60
    assert abs(clock.going.reached(due) - clock.reached(base) - length) < CLOSE * 60


@given(st.integers(-10_000, 10_000), seconds)
def test_what_is_real_goes_by_the_wall_clock(offset: int, length: timedelta) -> None:
    base = ZERO + timedelta(seconds=offset)

    assert REAL.project(base, base + length) == base + length
    assert REAL.left(base + length, base) == length
    assert (REAL.moment(base), REAL.stood(base)) == (base, timedelta())


def test_before_it_begins_both_times_run_alike() -> None:
    clock = hour(speed=12)

    assert clock.reached(ZERO - HOUR / 2) == HOUR / 2
    assert clock.wall(HOUR / 2) == ZERO - HOUR / 2


def test_a_pause_takes_no_time() -> None:
    clock = hour(stopped_after=HOUR)

    assert clock.stands
    assert clock.reached(ZERO + 5 * HOUR) == 2 * HOUR
    assert clock.moment(ZERO + 5 * HOUR) == ZERO + HOUR
    assert clock.stood(ZERO + 5 * HOUR) == 4 * HOUR


def test_speed_shortens_the_wait_and_not_the_time() -> None:
    clock = hour(speed=12)
    due = clock.project(ZERO, ZERO + 2 * HOUR)

    assert due == ZERO + HOUR / 6
    assert clock.left(due, ZERO) == 2 * HOUR


def test_while_it_stands_what_is_to_come_is_reckoned_as_if_it_ran_on() -> None:
    clock = hour(stopped_after=HOUR, speed=2)
    now = ZERO + 9 * HOUR

    assert clock.wall(10 * HOUR) is None
    assert clock.project(now, now + 2 * HOUR) == ZERO + 2 * HOUR
    assert clock.left(ZERO + 2 * HOUR, now) == 2 * HOUR


def test_a_clock_that_stands_does_not_come_to_a_later_reading() -> None:
    with pytest.raises(ValueError, match="stands still"):
        hour(stopped_after=HOUR).expect(10 * HOUR)


def test_a_jump_passes_over_what_lies_between() -> None:
    first = Run(started_at=ZERO, ended_at=ZERO + HOUR, speed=1.0, from_seconds=0.0)
    second = Run(started_at=ZERO + HOUR, ended_at=None, speed=1.0, from_seconds=5 * 3600.0)

    assert DrillTime((first, second)).wall(3 * HOUR) == ZERO + HOUR
