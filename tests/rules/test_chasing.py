"""When the owner of an instruction is reminded."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.chasing import is_due, latest_moment

GIVEN = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("hours", "latest"),
    [(1.9, None), (2, 2), (3.4, 2), (3.5, 3.5), (3.9, 3.5), (4, 4), (4.9, 4), (5, 5), (9.5, 9)],
)
def test_reminders_come_at_half_shortly_before_when_due_and_every_hour_after(
    hours: float, latest: float | None
) -> None:
    found = latest_moment(GIVEN, GIVEN + 4 * HOUR, GIVEN + hours * HOUR)

    assert found == (None if latest is None else GIVEN + latest * HOUR)


@pytest.mark.parametrize(("hours", "latest"), [(23, None), (24, 24), (47, 24), (49, 48)])
def test_without_a_due_time_they_come_once_a_day(hours: int, latest: int | None) -> None:
    found = latest_moment(GIVEN, None, GIVEN + hours * HOUR)

    assert found == (None if latest is None else GIVEN + latest * HOUR)


@given(
    allowed=st.none() | st.timedeltas(min_value=timedelta(), max_value=timedelta(days=9)),
    steps=st.lists(st.timedeltas(timedelta(), timedelta(hours=7)), max_size=30),
)
def test_a_moment_is_told_once_however_often_one_looks(
    allowed: timedelta | None, steps: list[timedelta]
) -> None:
    due = None if allowed is None else GIVEN + allowed
    now, last = GIVEN, None
    for step in steps:
        now += step
        if is_due(GIVEN, due, last, now):
            last = now
            assert not is_due(GIVEN, due, last, now)
        latest = latest_moment(GIVEN, due, now)
        assert latest is None or latest <= (last or GIVEN)
