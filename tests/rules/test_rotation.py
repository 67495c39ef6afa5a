"""Who is on duty by rotation, and what overrides it."""

from datetime import date, time, timedelta
from itertools import pairwise

import pytest

from tests.rules.watch_example import DAY_AND_NIGHT, FIRST, at, calendar, rotation, watch
from workflows.calendar import Calendar
from workflows.rotation import (
    Absence,
    Days,
    Override,
    Rotation,
    Stretch,
    Tier,
    Watch,
    doubles,
    gaps,
    roster,
)
from workflows.shifts import shift_at, shifts

CALENDAR = calendar()


def mains(watch: Watch, first: date, days: int, calendar: Calendar = CALENDAR) -> list[int | None]:
    return [one.main for one in roster(watch, first, first + timedelta(days=days - 1), calendar)]


def on_day(watch: Watch, day: str) -> tuple[Stretch, ...]:
    return roster(watch, date.fromisoformat(day), date.fromisoformat(day), CALENDAR)


def override(person: int, starts: str, ends: str, **changes: object) -> Override:
    values = {"id": 1, "tier": Tier.MAIN, "why": "override", **changes}
    return Override(person=person, starts_at=at(starts), ends_at=at(ends), **values)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        pytest.param(rotation(1, 2, 3), [1, 2, 3, 1, 2, 3, 1], id="one day each"),
        pytest.param(rotation(1, 2, turn_days=3), [1, 1, 1, 2, 2, 2, 1], id="three days each"),
        pytest.param(rotation(1), [1] * 7, id="one person alone"),
        pytest.param(
            rotation(1, 2, ends_on=date(2026, 11, 3)), [1, 2, 1, None, None, None, None], id="ends"
        ),
        pytest.param(
            rotation(1, 2, starts_on=date(2026, 11, 6)), [None] * 5 + [1, 2], id="begins later"
        ),
    ],
)
def test_people_follow_each_other(made: Rotation, expected: list[int | None]) -> None:
    assert mains(watch(made), FIRST, 7) == expected


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        pytest.param(date(2026, 12, 30), [3, 1, 2, 3], id="year's end"),
        pytest.param(date(2028, 2, 28), [2, 3, 1, 2], id="29 February"),
        pytest.param(date(2027, 2, 28), [3, 1, 2, 3], id="no 29 February"),
    ],
)
def test_turns_go_on_over_the_ends_of_months(first: date, expected: list[int]) -> None:
    found = mains(watch(rotation(1, 2, 3)), first, 4)

    assert found == expected
    assert found[0] == (first - FIRST).days % 3 + 1


def test_working_days_and_days_off_have_rotations_of_their_own() -> None:
    both = watch(rotation(1, 2, days=Days.WORK), rotation(8, 9, days=Days.FREE, id=2))

    # From Wednesday 2 December: a holiday on Thursday, Saturday is a make-up workday.
    found = mains(both, date(2026, 12, 2), 7)

    assert [person in (8, 9) for person in found] == [False, True, False, False, True, False, False]
    works = [person for person in found if person in (1, 2)]
    assert all(one != other for one, other in pairwise(works)), "nobody's turn is lost in between"


def test_beyond_the_table_of_holidays_weekends_alone_are_free() -> None:
    known = calendar(known_until=date(2026, 12, 31))
    free = watch(rotation(8, days=Days.FREE))

    assert mains(free, date(2027, 1, 1), 4, known) == [None, 8, 8, None]  # Friday, Saturday, …
    assert known.warnings(date(2027, 1, 1))


def test_the_newer_rotation_takes_over_on_its_day() -> None:
    both = watch(rotation(1, 2), rotation(5, 6, id=2, starts_on=date(2026, 11, 4)))

    assert mains(both, FIRST, 6) == [1, 2, 1, 5, 6, 5]


def test_nights_go_round_even_where_people_and_shifts_divide_each_other() -> None:
    four = watch(rotation(1, 2, 3, 4), changes=DAY_AND_NIGHT)
    found = roster(four, FIRST, FIRST + timedelta(days=7), CALENDAR)
    nights = [one.main for one in found if one.shift.is_night(CALENDAR.zone)]

    assert sorted(nights) == [1, 1, 2, 2, 3, 3, 4, 4]


def test_a_shift_belongs_to_the_day_on_which_it_begins() -> None:
    before, after = (
        shift_at((time(8, 30),), at(moment), CALENDAR.zone)
        for moment in ("2026-11-23 08:29", "2026-11-23 08:30")
    )

    assert (before.day, after.day) == (date(2026, 11, 22), date(2026, 11, 23))
    assert before.ends_at == after.starts_at == at("2026-11-23 08:30")


def test_an_override_cuts_a_shift_in_pieces() -> None:
    changed = watch(
        rotation((1, 2)), overrides=(override(5, "2026-11-05 12:00", "2026-11-05 14:00"),)
    )

    found = on_day(changed, "2026-11-05")

    assert [(one.main, one.why) for one in found] == [
        (1, "on_duty"),
        (5, "override"),
        (1, "on_duty"),
    ]
    assert [one.stand_in for one in found] == [2, 2, 2]
    assert [one.is_middle for one in found] == [False, False, True]


def test_of_two_overrides_the_newer_holds() -> None:
    span = ("2026-11-05 08:30", "2026-11-06 08:30")
    changed = watch(
        rotation(1), overrides=(override(6, *span, id=2), override(5, *span, id=1, why="swap"))
    )

    (found,) = on_day(changed, "2026-11-05")

    assert (found.main, found.why) == (6, "override")


def test_a_stand_in_is_overridden_on_his_own() -> None:
    changed = watch(
        rotation((1, 2)),
        overrides=(
            override(7, "2026-11-05 08:30", "2026-11-06 08:30", tier=Tier.STAND_IN, why="import"),
        ),
    )

    (found,) = on_day(changed, "2026-11-05")

    assert (found.main, found.stand_in, found.why) == (1, 7, "on_duty")


def test_the_stand_in_steps_in_for_who_is_away() -> None:
    away = Absence(person=1, starts_at=at("2026-11-05 20:00"), ends_at=at("2026-11-07 00:00"))

    first, second = on_day(watch(rotation((1, 2)), absences=(away,)), "2026-11-05")

    assert (first.main, first.stand_in) == (1, 2)
    assert (second.main, second.stand_in, second.why) == (2, None, "stand_in")
    assert second.missing == 1


@pytest.mark.parametrize("fit", [frozenset[int](), frozenset({3})], ids=["nobody", "another"])
def test_who_cannot_be_reached_leaves_a_gap(fit: frozenset[int]) -> None:
    found = on_day(watch(rotation((1, 2)), fit=fit), "2026-11-05")

    assert gaps(found) == found
    assert found[0].missing == 1


def test_nobody_stands_in_for_himself() -> None:
    (found,) = on_day(watch(rotation((1, 1))), "2026-11-05")

    assert (found.main, found.stand_in) == (1, None)
    (alone,) = on_day(watch(rotation((1, 1)), fit=frozenset({2})), "2026-11-05")
    assert alone.main is None


def test_a_post_without_a_rotation_is_one_gap() -> None:
    assert gaps(roster(watch(), FIRST, FIRST, CALENDAR))


def test_one_person_at_two_posts_is_a_double_booking() -> None:
    desk = watch(rotation(1, 2))
    leader = watch(rotation((3, 1)), post="leader")
    found = doubles((*on_day(desk, "2026-11-01"), *on_day(leader, "2026-11-01")))

    assert [(one.person, one.posts) for one in found] == [(1, ("desk", "leader"))]
    assert not doubles((*on_day(desk, "2026-11-02"), *on_day(leader, "2026-11-02")))


def test_following_oneself_is_no_double_booking() -> None:
    desk = watch(rotation(1))

    assert not doubles(roster(desk, FIRST, FIRST + timedelta(days=5), CALENDAR))


def test_shifts_of_a_day_follow_each_other() -> None:
    found = list(shifts(DAY_AND_NIGHT, FIRST, FIRST, CALENDAR.zone))

    assert [(one.number, one.is_night(CALENDAR.zone)) for one in found] == [(0, False), (1, True)]
    assert found[0].ends_at == found[1].starts_at
