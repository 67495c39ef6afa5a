"""The score of a roster, and who has too much."""

from datetime import date, timedelta

import pytest

from tests.rules.watch_example import DAY_AND_NIGHT, FIRST, calendar, rotation, watch
from workflows.roster_quality import Quality, loads, members, quality
from workflows.rotation import Days, Rotation, Watch, roster

CALENDAR = calendar()
LAST = FIRST + timedelta(days=29)


def judged(*watches: Watch, last: date = LAST) -> Quality:
    stretches = [one for each in watches for one in roster(each, FIRST, last, CALENDAR)]
    people = {each.post: members(each, FIRST, last) for each in watches}
    found = quality(stretches, loads(stretches, people, CALENDAR))
    assert found is not None
    return found


def test_a_fair_roster_without_gaps_has_a_hundred() -> None:
    four_weeks = FIRST + timedelta(days=27)

    assert judged(watch(rotation(1, 2, 3, 4)), last=four_weeks).score == 100


@pytest.mark.parametrize(
    ("made", "score"),
    [
        pytest.param(rotation(1, 2, 3, ends_on=LAST - timedelta(days=1)), 59, id="a day missing"),
        pytest.param(rotation(1, 2, 3, starts_on=FIRST + timedelta(days=15)), 59, id="half"),
        pytest.param(rotation(1, 2, 3, starts_on=LAST + timedelta(days=1)), 40, id="empty"),
    ],
)
def test_a_roster_with_a_gap_is_never_good(made: Rotation, score: int) -> None:
    found = judged(watch(made))

    assert found.score == score
    assert found.coverage < 1


def test_whoever_has_all_the_days_off_is_named() -> None:
    uneven = watch(rotation(1, 2, days=Days.WORK), rotation(3, days=Days.FREE, id=2))
    found = judged(uneven)

    (over,) = [one for one in found.overloaded if one.what == "free_days"]
    assert (over.person, over.has, over.share) == (3, 9, 3)
    assert found.free_days == pytest.approx(1 - 6 / 9)
    assert found.score < 100


def test_nights_are_those_with_three_in_the_morning() -> None:
    stretches = roster(watch(rotation(1, 2), changes=DAY_AND_NIGHT), FIRST, FIRST, CALENDAR)

    found = loads(stretches, {"desk": {1, 2, 3}}, CALENDAR)

    assert [(one.person, one.shifts, one.nights) for one in found] == [
        (1, 1, 0),
        (2, 1, 1),
        (3, 0, 0),
    ]


def test_a_shift_counts_for_whoever_is_there_in_its_middle() -> None:
    stretches = roster(watch(rotation(1)), FIRST, FIRST + timedelta(days=1), CALENDAR)

    (found,) = loads(stretches, {}, CALENDAR)

    assert (found.shifts, found.nights, found.free_days) == (2, 2, 1)  # a Sunday and a Monday


def test_nothing_is_not_judged() -> None:
    assert quality([], []) is None
