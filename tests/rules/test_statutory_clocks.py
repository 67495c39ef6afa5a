"""Statutory clocks: which run, from which moment, until when."""

from datetime import UTC, datetime, timedelta

import pytest

from workflows.calendar import Calendar
from workflows.clocks import BASES, DueClock, deadline, due
from workflows.facts import FactValue
from workflows.library import Library
from workflows.plan import Grade, Limit, Plan, Unit

LIBRARY = Library.load()
CALENDAR = Calendar.load()
NIGHT = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)  # 03:00 on Monday the 23rd in Beijing
HOUR = timedelta(hours=1)
MOMENTS = {"occurred": NIGHT - 5 * HOUR, "aware": NIGHT - HOUR, "received": NIGHT}


def running(
    plan: str,
    *,
    kind: str = "food",
    grade: Grade | None = None,
    facts: dict[str, FactValue] | None = None,
    setting: str | None = "school",
    **moments: datetime,
) -> dict[str, DueClock]:
    found = due(
        LIBRARY.plan(plan),
        kind=kind,
        grade=grade,
        moments=MOMENTS | moments,
        setting=setting,
        calendar=CALENDAR,
        facts=facts or {},
    )
    return {clock.rule: clock for clock in found}


ROWS = [
    ("food-CN@2011", "food", "FC-DUTY10", "received", timedelta(minutes=10)),
    ("food-CN@2011", "food", "FC-DUTY30", "received", timedelta(minutes=30)),
    ("food-CN@2011", "food", "FC-INITIAL", "received", 2 * HOUR),
    ("food-CN@2011", "food", "FC-R02", "aware", 2 * HOUR),
    ("food-CN@2011", "food", "FC-R17", "received", None),
    ("health-CN@2006", "food", "PH-R08", "aware", 2 * HOUR),
    ("health-CN@2006", "food", "PH-R09", "aware", 2 * HOUR),
    ("health-CN@2006", "food", "PH-R12", "received", None),
    ("health-CN@2006", "food", "PH-R14", "received", 2 * HOUR),
    ("drug-CN@2011", "drug", "DR-PUB2H", "received", 2 * HOUR),
    ("drug-CN@2011", "drug", "DR-D11", "aware", None),
    ("drug-CN@2011", "device", "DR-M10", "aware", 12 * HOUR),
    ("drug-CN@2011", "device", "DR-M11", "aware", 24 * HOUR),
    ("vaccine-CN@2020", "vaccine", "VA-V02", "aware", 48 * HOUR),
]


@pytest.mark.parametrize(
    ("plan", "kind", "rule", "starts", "limit"), ROWS, ids=[row[2] for row in ROWS]
)
def test_a_report_starts_this_clock(
    plan: str, kind: str, rule: str, starts: str, limit: timedelta | None
) -> None:
    clock = running(plan, kind=kind)[rule]
    assert clock.starts == starts
    assert clock.starts_at == MOMENTS[starts]
    assert clock.due_at == (None if limit is None else MOMENTS[starts] + limit)


def test_days_end_with_the_last_second_of_the_local_day() -> None:
    clock = running("drug-CN@2011", kind="drug")["DR-D13"]
    assert clock.limit == "7d"
    assert clock.due_at == datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC)


def test_alarms_ring_at_half_and_at_four_fifths() -> None:
    clock = running("food-CN@2011")["FC-INITIAL"]
    assert clock.alarms == (NIGHT + HOUR, NIGHT + timedelta(minutes=96))


def test_at_once_has_neither_due_time_nor_alarms() -> None:
    clock = running("food-CN@2011")["FC-R17"]
    assert (clock.due_at, clock.alarms, clock.limit) == (None, (), None)


def test_the_first_known_moment_starts_the_clock() -> None:
    found = due(
        LIBRARY.plan("food-CN@2011"),
        kind="food",
        grade=None,
        moments={"occurred": NIGHT},
        setting=None,
        calendar=CALENDAR,
    )
    assert {clock.rule: clock.starts for clock in found}["FC-R02"] == "occurred"


def test_a_clock_whose_moment_is_not_known_does_not_run() -> None:
    assert "FC-FINAL" not in running("food-CN@2011")
    ended = running("food-CN@2011", terminated=NIGHT)
    assert ended["FC-FINAL"].due_at == datetime(2026, 12, 2, 15, 59, 59, tzinfo=UTC)


def test_clocks_of_a_grade_wait_for_it() -> None:
    assert "FC-C03-5" not in running("food-CN@2011", grade=Grade.III)
    assert running("food-CN@2011", grade=Grade.II)["FC-C03-5"].due_at == NIGHT + 5 * HOUR


def test_a_regrade_starts_what_counts_from_grading_again() -> None:
    graded, raised = NIGHT + HOUR, NIGHT + 3 * HOUR
    before = running("food-CN@2011", grade=Grade.III, graded=graded)
    after = running("food-CN@2011", grade=Grade.II, graded=graded, regraded=raised)
    assert before["FC-HQ"].starts_at == graded
    assert "FC-R20" not in before
    assert after["FC-R20"].starts_at == raised


def test_a_progress_report_repeats_each_day() -> None:
    clock = running("food-CN@2011", grade=Grade.I, activated=NIGHT)["FC-PROG-12"]
    assert (clock.due_at, clock.repeats) == (NIGHT + 24 * HOUR, 24 * HOUR)


def test_a_done_task_can_start_a_clock() -> None:
    found = due(
        LIBRARY.plan("food-CN@2011"),
        kind="food",
        grade=None,
        moments={"task:A08": NIGHT},
        setting=None,
        calendar=CALENDAR,
    )
    assert [clock.rule for clock in found] == ["FC-D01"]
    assert found[0].due_at == datetime(2026, 12, 23, 15, 59, 59, tzinfo=UTC)


def test_a_doubtful_clock_is_only_advice() -> None:
    clock = running("food-CN@2011", terminated=NIGHT)["FC-SUMMARY"]
    assert (clock.confidence, clock.advisory) == ("M?", True)


def test_the_clocks_of_others_are_shown_and_do_not_act() -> None:
    office = LIBRARY.plan("food-CN@2011").office
    clocks = running("food-CN@2011").values()
    assert {clock.actor in office for clock in clocks} == {True, False}
    assert all(clock.advisory == (clock.actor not in office) for clock in clocks)


def test_clocks_of_another_kind_do_not_run() -> None:
    drug, device = (running("drug-CN@2011", kind=kind) for kind in ("drug", "device"))
    assert "DR-D11" in drug
    assert "DR-D11" not in device
    assert "DR-M10" not in drug


@pytest.mark.parametrize(("deaths", "runs"), [(None, False), (0, False), (1, True)])
def test_a_clock_for_deaths_waits_until_one_is_known(deaths: int | None, *, runs: bool) -> None:
    found = running("drug-CN@2011", kind="drug", facts={"deaths": deaths})
    assert ("DR-D05" in found) is runs


def test_working_days_past_the_table_of_holidays_are_marked() -> None:
    late = datetime(2026, 12, 29, 2, 0, tzinfo=UTC)
    assert running("food-CN@2011", terminated=late)["FC-FINAL"].beyond_calendar
    assert not running("food-CN@2011", terminated=NIGHT)["FC-FINAL"].beyond_calendar


def test_clocks_come_in_the_order_in_which_they_fall_due() -> None:
    moments = [clock.due_at or clock.starts_at for clock in running("food-CN@2011").values()]
    assert moments == sorted(moments)


@pytest.mark.parametrize("plan", LIBRARY.plans, ids=lambda plan: plan.id)
@pytest.mark.parametrize("grade", Grade)
def test_every_grade_of_every_plan_has_a_clock_from_the_report_on(plan: Plan, grade: Grade) -> None:
    found = due(
        plan,
        kind=plan.kinds[0],
        grade=grade,
        moments=dict.fromkeys(BASES, NIGHT),
        setting=None,
        calendar=CALENDAR,
    )
    assert any(clock.starts in ("aware", "received", "occurred") for clock in found)


LIMITS = [
    (Limit(number=90, unit=Unit.MINUTES), NIGHT + timedelta(minutes=90)),
    (Limit(number=2, unit=Unit.HOURS), NIGHT + 2 * HOUR),
    (Limit(number=1, unit=Unit.DAYS), datetime(2026, 11, 24, 15, 59, 59, tzinfo=UTC)),
    (Limit(number=5, unit=Unit.WORKING_DAYS), datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC)),
    (None, None),
]


@pytest.mark.parametrize(("limit", "expected"), LIMITS, ids=[str(limit) for limit, _ in LIMITS])
def test_a_limit_ends_here(limit: Limit | None, expected: datetime | None) -> None:
    assert deadline(limit, NIGHT, CALENDAR) == expected
