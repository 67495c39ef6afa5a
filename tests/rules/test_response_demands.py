"""What a grade demands, and when a response may end."""

from collections.abc import Mapping

import pytest

from workflows.library import Library
from workflows.plan import CalloutEvent, Grade, Plan
from workflows.response import demands, needs_experts
from workflows.termination import all_met, assess, lacking

LIBRARY = Library.load()
FOOD = LIBRARY.plan("food-CN@2011")
EVERY_GRADE = "A01 A02 A03 A04 A05 A06 A07 A08 A09 A10 A11 A12 A16 A20"
ALWAYS = "A02 A03 A04 A05 A06 A07 A08 A09 A12 A16"
BY_GRADE: Mapping[Grade | None, str] = {
    Grade.I: f"{EVERY_GRADE} A14 A15 A17 A18 A19",
    Grade.II: f"{EVERY_GRADE} A14 A15 A17 A18 A19",
    Grade.III: f"{EVERY_GRADE} A14 A15 A18 A19",
    Grade.IV: EVERY_GRADE,
    None: ALWAYS,
}


@pytest.mark.parametrize(("grade", "expected"), BY_GRADE.items(), ids=map(str, BY_GRADE))
def test_a_grade_demands_these_measures(grade: Grade | None, expected: str) -> None:
    measures = {measure.id for measure in demands(FOOD, grade, setting="restaurant").measures}
    assert measures == set(expected.split())


def test_a_school_demands_that_meals_stop_and_parents_are_told() -> None:
    school = demands(FOOD, Grade.IV, setting="school").measures
    unknown = demands(FOOD, Grade.IV, setting=None).measures
    assert "A13" in {measure.id for measure in school}
    assert "A13" not in {measure.id for measure in unknown}


def test_a_device_has_its_own_measures() -> None:
    plan = LIBRARY.plan("drug-CN@2011")
    device = demands(plan, Grade.III, setting=None, kind="device").measures
    drug = demands(plan, Grade.III, setting=None, kind="drug").measures
    assert {m.id for m in device} ^ {m.id for m in drug} == {"DA08", "DA10"}


@pytest.mark.parametrize("plan", LIBRARY.plans, ids=lambda plan: plan.id)
@pytest.mark.parametrize("event", CalloutEvent)
def test_every_event_calls_somebody(plan: Plan, event: CalloutEvent) -> None:
    for grade in (*Grade, None):
        assert demands(plan, grade, setting=None).roles(event)


def test_roles_are_called_once_each() -> None:
    roles = demands(FOOD, Grade.I, setting=None).roles("activated")
    assert roles == ("duty_leader", "commander", "group_member", "expert")


def test_a_response_ends_only_when_every_criterion_is_met() -> None:
    answers: dict[str, bool | None] = {f"T-END-{n}": True for n in range(1, 5)}
    assert all_met(assess(FOOD, answers))
    answers["T-END-3"] = False
    findings = assess(FOOD, answers)
    assert not all_met(findings)
    assert [finding.criterion for finding in lacking(findings)] == ["T-END-3"]


def test_no_answer_is_no_data_and_does_not_end_a_response() -> None:
    findings = assess(FOOD, {"T-END-1": True, "T-END-2": None})
    assert [finding.state for finding in findings] == ["met", "no_data", "no_data", "no_data"]
    assert not all_met(findings)


@pytest.mark.parametrize(
    ("plan", "grade", "needed"),
    [
        ("food-CN@2011", Grade.I, True),
        ("food-CN@2011", Grade.III, True),
        ("food-CN@2011", Grade.IV, False),
        ("drug-CN@2011", Grade.IV, False),
        ("vaccine-CN@2020", Grade.IV, True),
        ("cosmetic-CN@2026", Grade.IV, True),
    ],
)
def test_disposal_needs_experts_where_the_plan_has_them_for_the_grade(
    plan: str, grade: Grade, *, needed: bool
) -> None:
    assert (needs_experts(LIBRARY.plan(plan), grade) is not None) is needed
