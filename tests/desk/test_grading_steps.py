"""Proposing, approving and changing a grade."""

import pytest
from sqlalchemy import select

from incident.errors import Conflict, Forbidden, InvalidInput
from incident.models import GradeProposal, IncidentClock, OutgoingMessage, Task
from incident.services import Services
from incident.who import Who
from tests.support.desk import act, make_incident, make_people, make_person, read
from tests.support.steps import brings, entries, propose, second_officer, types


@pytest.fixture
def people(sqlite_services: Services) -> dict[str, Who]:
    return make_people(sqlite_services)


def proposals(services: Services) -> list[GradeProposal]:
    with services.reading() as session:
        return list(session.scalars(select(GradeProposal).order_by(GradeProposal.id)))


def codes(error: InvalidInput) -> list[tuple[str, str]]:
    return [(item.field, item.code) for item in error.errors]


def test_a_proposal_keeps_the_verdict_and_the_facts_as_they_stood(services: Services) -> None:
    people = make_people(services)
    counts = {"ill": 120, "deaths": 0, "basis": "suspected"}
    incident = make_incident(services, state="grading", counts=counts)
    act(services, incident, "propose_grade", people["duty_officer"], grade="III")
    later = {"facts": {"deaths": 3}, "source": "hospital"}
    act(services, incident, "update_facts", people["duty_officer"], **later)
    [proposal] = proposals(services)
    assert proposal.verdict["grade"] == "III"
    assert (proposal.facts["ill"], proposal.facts["deaths"]) == (120, 0)
    assert "severe" not in proposal.facts


def test_a_grade_other_than_the_verdicts_needs_reasons(
    sqlite_services: Services, people: dict[str, Who]
) -> None:
    incident = make_incident(sqlite_services, state="grading", counts={"ill": 120})
    with pytest.raises(InvalidInput) as refused:
        act(sqlite_services, incident, "propose_grade", people["duty_officer"], grade="I")
    assert codes(refused.value) == [("reason", "needed-against-verdict")]
    assert proposals(sqlite_services) == []
    propose(sqlite_services, incident, "I", people["duty_officer"])
    assert [one.grade for one in proposals(sqlite_services)] == ["I"]


def test_a_new_proposal_replaces_the_one_that_waits(
    sqlite_services: Services, people: dict[str, Who]
) -> None:
    incident = make_incident(sqlite_services, state="grading")
    propose(sqlite_services, incident, "III", people["duty_officer"])
    propose(sqlite_services, incident, "II", second_officer(sqlite_services))
    assert [one.decision for one in proposals(sqlite_services)] == ["replaced", None]


def test_a_proposer_who_commands_waits_for_another_commander_also_after_a_second_proposal(
    sqlite_services: Services, people: dict[str, Who]
) -> None:
    both = make_person(sqlite_services, "both", "duty_officer", "commander", number=60)
    incident = make_incident(sqlite_services, state="grading")
    propose(sqlite_services, incident, "III", people["duty_officer"])
    propose(sqlite_services, incident, "III", both)
    raw = brings(sqlite_services, incident, "approve_grade")
    with pytest.raises(Forbidden, match="own-proposal"):
        act(sqlite_services, incident, "approve_grade", both, **raw)
    assert act(sqlite_services, incident, "approve_grade", people["commander"], **raw).grade


def test_a_grade_is_approved_once_for_each_proposal(
    sqlite_services: Services, people: dict[str, Who]
) -> None:
    incident = make_incident(sqlite_services, state="grading", grade="III")
    raw = brings(sqlite_services, incident, "approve_grade")
    with pytest.raises(Conflict, match="needs-proposal"):
        act(sqlite_services, incident, "approve_grade", people["commander"], **raw)


def test_a_commander_may_decide_otherwise_and_the_reason_is_kept(
    sqlite_services: Services, people: dict[str, Who]
) -> None:
    incident = make_incident(sqlite_services, state="grading")
    propose(sqlite_services, incident, "III", people["duty_officer"])
    raw = brings(sqlite_services, incident, "approve_grade", grade="II")
    with pytest.raises(InvalidInput) as refused:
        act(sqlite_services, incident, "approve_grade", people["commander"], **raw)
    assert codes(refused.value) == [("reason", "needed-against-proposal")]
    raw["reason"] = "涉及两个地市"
    act(sqlite_services, incident, "approve_grade", people["commander"], **raw)
    entry = entries(sqlite_services, incident)[-1]
    assert read(sqlite_services, incident.number).grade == "II"
    assert "涉及两个地市" in entry.text
    assert (entry.data["proposed"], entry.data["grade"]) == ("III", "II")


def test_a_regrade_to_the_same_grade_is_none(
    sqlite_services: Services, people: dict[str, Who]
) -> None:
    incident = make_incident(sqlite_services, state="responding", grade="III")
    propose(sqlite_services, incident, "III", people["duty_officer"])
    raw = brings(sqlite_services, incident, "regrade", grade="III")
    with pytest.raises(InvalidInput) as refused:
        act(sqlite_services, incident, "regrade", people["commander"], **raw)
    assert codes(refused.value) == [("grade", "same-grade")]


@pytest.mark.parametrize(
    ("before", "after", "raised"),
    [("III", "I", True), ("III", "IV", False), ("IV", "III", True), ("I", "II", False)],
)
def test_a_regrade_says_whether_it_raises_and_calls_out_again(
    sqlite_services: Services, people: dict[str, Who], before: str, after: str, raised: bool
) -> None:
    incident = make_incident(sqlite_services, state="responding", grade=before)
    propose(sqlite_services, incident, after, people["duty_officer"])
    raw = brings(sqlite_services, incident, "regrade", grade=after)
    act(sqlite_services, incident, "regrade", people["commander"], **raw)
    entry = entries(sqlite_services, incident)[-1]
    assert (entry.type, entry.data["raised"]) == ("regrade", raised)
    with sqlite_services.reading() as session:
        reasons = session.scalars(select(OutgoingMessage.reason)).all()
    assert any(":regraded:" in reason for reason in reasons)
    assert len(reasons) == len(set(reasons))


def test_a_raise_brings_the_measures_of_the_graver_grade_beside_those_that_are_there(
    sqlite_services: Services, people: dict[str, Who]
) -> None:
    plan = sqlite_services.rules.library.plan("food-CN@2011")
    incident = make_incident(sqlite_services, state="responding", grade="IV")
    propose(sqlite_services, incident, "I", people["duty_officer"])
    raw = brings(sqlite_services, incident, "regrade", grade="I")
    act(sqlite_services, incident, "regrade", people["commander"], **raw)
    with sqlite_services.reading() as session:
        measures = session.scalars(select(Task.measure)).all()
    wanted = {
        one.id
        for one in plan.measures
        for grade in ("I", "IV")
        if one.scope.covers(kind="food", grade=grade, setting="school")
    }
    assert set(measures) == wanted
    assert len(measures) == len(wanted)


def test_a_regrade_starts_the_clocks_of_the_new_grade_and_keeps_the_old(
    sqlite_services: Services, people: dict[str, Who]
) -> None:
    incident = make_incident(sqlite_services, state="responding", grade="III")

    def clocks() -> dict[int, tuple[str, object]]:
        with sqlite_services.reading() as session:
            return {
                one.id: (one.rule, one.starts_at) for one in session.scalars(select(IncidentClock))
            }

    before = clocks()
    propose(sqlite_services, incident, "I", people["duty_officer"])
    raw = brings(sqlite_services, incident, "regrade", grade="I")
    act(sqlite_services, incident, "regrade", people["commander"], **raw)
    after = clocks()
    assert before.items() <= after.items()
    fresh = {rule for id, (rule, _) in after.items() if id not in before}
    assert {"FC-PROG-12", "FC-C03-5", "FC-R20"} <= fresh
    assert len(set(after.values())) == len(after)
    assert types(sqlite_services, incident)[-1] == "regrade"
