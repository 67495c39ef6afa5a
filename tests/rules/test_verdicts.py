"""What a verdict says beside its grade, and what must hold for all facts."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.criteria import Answer
from workflows.facts import COUNT_BASES, FACTS, SETTINGS, BadFact, FactValue, known
from workflows.grading import grade
from workflows.library import Library
from workflows.plan import Grade, Plan

LIBRARY = Library.load()
NATIONAL = LIBRARY.plan("food-CN@2011")
HEALTH = LIBRARY.plan("health-CN@2006")
GAPS = {"health-CN@2006", "drug-CN@2005"}
STEADY = [plan for plan in LIBRARY.plans if plan.id not in GAPS]
Facts = Mapping[str, FactValue]

VALUES = {
    "count": st.one_of(st.integers(0, 12), st.sampled_from([29, 30, 49, 50, 51, 99, 100, 101])),
    "flag": st.booleans(),
}


def _value(name: str) -> st.SearchStrategy[FactValue]:
    fact = FACTS[name]
    return VALUES[fact.kind] if fact.kind in VALUES else st.sampled_from(fact.choices)


def _facts_of(plan: Plan) -> st.SearchStrategy[dict[str, FactValue]]:
    conditions = [item.when for item in plan.criteria] + [note.when for note in plan.notes]
    asked = sorted({name for condition in conditions for name in condition.names()})
    return st.fixed_dictionaries({}, optional={name: _value(name) for name in asked})


def _severity(found: Grade | None) -> int:
    return found.severity if found else 0


plans_with_facts = st.sampled_from(LIBRARY.plans).flatmap(
    lambda plan: st.tuples(st.just(plan), _facts_of(plan))
)
steady_plans_with_facts = st.sampled_from(STEADY).flatmap(
    lambda plan: st.tuples(st.just(plan), _facts_of(plan))
)


@given(steady_plans_with_facts, st.data())
def test_more_cases_never_lower_the_grade(
    case: tuple[Plan, dict[str, FactValue]], data: st.DataObject
) -> None:
    plan, facts = case
    counts = sorted(name for name in facts if FACTS[name].kind == "count")
    more = {name: int(facts[name] or 0) + data.draw(st.integers(0, 60)) for name in counts}
    before, after = grade(plan, facts).grade, grade(plan, {**facts, **more}).grade
    assert _severity(after) >= _severity(before)


@given(plans_with_facts, st.data())
def test_what_turns_out_later_never_lowers_what_was_known(
    case: tuple[Plan, dict[str, FactValue]], data: st.DataObject
) -> None:
    plan, facts = case
    asked = {name for item in plan.criteria for name in item.when.names()}
    later = {name: data.draw(_value(name)) for name in sorted(asked - set(facts))}
    assert _severity(grade(plan, {**later, **facts}).grade) >= _severity(grade(plan, facts).grade)


@given(plans_with_facts, st.data())
def test_unknown_never_counts_as_no(
    case: tuple[Plan, dict[str, FactValue]], data: st.DataObject
) -> None:
    plan, facts = case
    for item in plan.criteria:
        answer = item.when.answer(facts)
        lacking = [name for name in item.when.names() if name not in facts]
        told = {**facts, **{name: data.draw(_value(name)) for name in lacking}}
        if answer in (Answer.MET, Answer.NOT_MET):
            assert item.when.answer(told) is answer


@given(plans_with_facts)
def test_none_and_absent_are_the_same(case: tuple[Plan, dict[str, FactValue]]) -> None:
    plan, facts = case
    asked = {name for item in plan.criteria for name in item.when.names()}
    spelled_out: Facts = {**dict.fromkeys(asked), **facts}
    assert grade(plan, spelled_out).grade == grade(plan, facts).grade
    assert grade(plan, spelled_out).unknown == grade(plan, facts).unknown


@given(plans_with_facts)
def test_only_facts_that_are_unknown_are_listed_as_unknown(
    case: tuple[Plan, dict[str, FactValue]],
) -> None:
    plan, facts = case
    assert not set(grade(plan, facts).unknown) & set(facts)


@given(plans_with_facts, st.data())
def test_facts_that_are_not_listed_as_unknown_cannot_raise_the_grade(
    case: tuple[Plan, dict[str, FactValue]], data: st.DataObject
) -> None:
    plan, facts = case
    verdict = grade(plan, facts)
    asked = {name for item in plan.criteria for name in item.when.names()}
    idle = sorted(asked - set(facts) - set(verdict.unknown))
    told = {**facts, **{name: data.draw(_value(name)) for name in idle}}
    assert grade(plan, told).grade == verdict.grade


@given(plans_with_facts)
def test_taking_a_step_reaches_its_grade(case: tuple[Plan, dict[str, FactValue]]) -> None:
    plan, facts = case
    for step in grade(plan, facts).next:
        counted = {name: int(facts.get(name) or 0) + n for name, n in step.missing.items()}
        assert counted == step.reach
        assert _severity(grade(plan, {**facts, **counted}).grade) >= step.grade.severity


@given(plans_with_facts)
def test_one_person_less_than_a_step_does_not_meet_its_criterion(
    case: tuple[Plan, dict[str, FactValue]],
) -> None:
    plan, facts = case
    floors = {item.id: item.floor for item in plan.criteria}
    for step in grade(plan, facts).next:
        for name in step.reach:
            short: Facts = {**facts, **step.reach, name: step.reach[name] - 1}
            assert floors[step.criterion].answer(short) is not Answer.MET


@given(plans_with_facts)
def test_doubtful_criteria_give_no_reason_and_no_step(
    case: tuple[Plan, dict[str, FactValue]],
) -> None:
    plan, facts = case
    verdict = grade(plan, facts)
    acting = {item.id for item in plan.criteria if item.confidence.acts}
    assert {reason.criterion for reason in verdict.because} <= acting
    assert {step.criterion for step in verdict.next} <= acting


def test_the_distance_is_three_more_ill_or_one_death() -> None:
    steps = grade(NATIONAL, {"ill": 97, "deaths": 0}).next
    assert [(step.grade, step.missing) for step in steps[:2]] == [
        ("III", {"deaths": 1}),
        ("III", {"ill": 3}),
    ]
    assert ("II", {"ill": 3, "deaths": 1}) in [(step.grade, step.missing) for step in steps]


def test_an_unknown_upper_bound_leaves_the_grade_as_the_least_and_is_listed() -> None:
    verdict = grade(NATIONAL, {"ill": 40})
    states = {finding.criterion: finding.state for finding in verdict.findings}
    assert verdict.grade == "IV"
    assert states["NAT-IV-2"] == "no_data"
    assert states["NAT-II-3"] == "not_met"
    assert "deaths" in verdict.unknown
    assert verdict.because[0].facts == {"ill": 40, "deaths": None}


def test_qualitative_criteria_wait_for_experts_once_their_facts_are_known() -> None:
    asked = {q.criterion for q in grade(NATIONAL, {"ill": 40, "provinces": 2}).needs_expert}
    assert "NAT-I-1" in asked
    asked = {q.criterion for q in grade(NATIONAL, {"provinces": 1, "overseas": False}).needs_expert}
    assert "NAT-I-1" not in asked


def test_questions_of_milder_grades_are_not_asked() -> None:
    verdict = grade(NATIONAL, {"ill": 100, "deaths": 1})
    assert {question.grade for question in verdict.needs_expert} == {"I"}


def test_a_track_stands_beside_the_verdict_with_its_own_grade() -> None:
    verdict = grade(NATIONAL, {"ill": 100, "deaths": 0}, tracks=[HEALTH])
    (track,) = verdict.tracks
    assert (verdict.grade, track.track, track.grade) == ("III", "public_health", None)
    assert "PH-GAP-100" in {note.note for note in track.notes}


def test_the_verdict_is_plain_json_in_the_shape_of_the_contract() -> None:
    facts: Facts = {"ill": 97, "deaths": 0}
    told = json.loads(json.dumps(grade(NATIONAL, facts, tracks=[HEALTH]).as_dict()))
    assert told["grade"] == "IV"
    assert told["plan"] == "food-CN@2011"
    assert told["because"][0] == {
        "criterion": "NAT-IV-2",
        "basis": told["because"][0]["basis"],
        "confidence": "M",
        "text": told["because"][0]["text"],
        "facts": {"ill": 97, "deaths": 0},
    }
    assert told["next"][1] == {
        "grade": "III",
        "criterion": "NAT-III-2",
        "missing": {"ill": 3},
        "reach": {"ill": 100},
    }
    assert told["tracks"][0]["plan"] == "health-CN@2006"


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({"ill": -1}, "ill"),
        ({"ill": True}, "ill"),
        ({"ill": "12"}, "ill"),
        ({"ill": 1.5}, "ill"),
        ({"setting": "moon"}, "setting"),
        ({"overseas": 1}, "overseas"),
        ({"illness": 3}, "illness"),
    ],
)
def test_a_fact_that_does_not_fit_is_refused_by_name(facts: dict[str, object], name: str) -> None:
    with pytest.raises(BadFact) as refused:
        known(facts)
    assert refused.value.name == name


def test_known_facts_leave_out_the_unknown() -> None:
    facts = {"ill": 3, "deaths": None, "setting": SETTINGS[0], "count_basis": COUNT_BASES[0]}
    assert known(facts) == {"ill": 3, "setting": SETTINGS[0], "count_basis": COUNT_BASES[0]}
