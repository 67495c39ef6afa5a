"""Working days: weekends, holidays, make-up workdays, the end of the table."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.calendar import Calendar

CALENDAR = Calendar.load()
BEIJING = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-11-23", True),
        ("2026-11-21", False),
        ("2026-10-01", False),
        ("2026-10-07", False),
        ("2026-10-08", True),
        ("2026-10-10", True),
        ("2026-02-14", True),
        ("2026-02-16", False),
        ("2025-01-01", False),
        ("2024-02-18", True),
    ],
)
def test_an_office_works_on_this_day(day: str, *, works: bool) -> None:
    assert CALENDAR.is_working_day(date.fromisoformat(day)) is works


@pytest.mark.parametrize(
    ("start", "number", "last"),
    [
        ("2026-11-20T10:00", 1, "2026-11-23"),
        ("2026-11-23T00:00", 1, "2026-11-24"),
        ("2026-11-23T23:59", 1, "2026-11-24"),
        ("2026-09-30T10:00", 1, "2026-10-08"),
        ("2026-09-30T10:00", 3, "2026-10-10"),
        ("2026-09-30T10:00", 4, "2026-10-12"),
        ("2026-02-13T10:00", 1, "2026-02-14"),
        ("2026-02-14T10:00", 1, "2026-02-24"),
    ],
)
def test_working_days_end_on_this_day(start: str, number: int, last: str) -> None:
    moment = datetime.fromisoformat(start).replace(tzinfo=BEIJING)
    end = CALENDAR.add_working_days(moment, number)
    assert end.astimezone(BEIJING).isoformat() == f"{last}T23:59:59+08:00"


def test_the_day_is_the_local_one() -> None:
    late_on_friday_in_utc = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
    end = CALENDAR.add_working_days(late_on_friday_in_utc, 1)
    assert end.astimezone(BEIJING).date() == date(2026, 11, 23)


@given(
    st.timedeltas(timedelta(), timedelta(days=1000)),
    st.integers(1, 30),
)
def test_one_more_working_day_is_always_later_and_a_working_day(
    after: timedelta, number: int
) -> None:
    moment = datetime(2024, 1, 1, tzinfo=UTC) + after
    end = CALENDAR.add_working_days(moment, number)
    assert end > moment
    assert CALENDAR.is_working_day(end.astimezone(BEIJING).date())
    assert CALENDAR.add_working_days(moment, number + 1) > end


def test_the_calendar_warns_where_its_table_ends() -> None:
    assert CALENDAR.known_until == date(2026, 12, 31)
    assert CALENDAR.warnings(date(2026, 12, 31)) == ()
    assert "2027" in CALENDAR.warnings(date(2027, 1, 1))[0]


def test_make_up_workdays_fall_on_weekends_and_are_no_holidays() -> None:
    assert all(day.weekday() >= 5 for day in CALENDAR.workdays)
    assert not CALENDAR.workdays & CALENDAR.holidays
