"""Ending a response, the review, the archive, and beginning again."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from incident.clock import FrozenClock
from incident.errors import InvalidInput
from incident.models import FollowUp, Incident, IncidentClock, Review, Task
from incident.services import Services
from incident.who import Who
from tests.support.desk import PASSWORD, act, make_incident, make_people, read
from tests.support.steps import brings, last, trace
from workflows.plan import Confidence, Plan

RULES = ("food-CN@2011", "food-51@2017", "drug-CN@2011", "cosmetic-CN@2026", "vaccine-CN@2020")


@pytest.fixture
def people(sqlite_services: Services) -> dict[str, Who]:
    return make_people(sqlite_services)


@pytest.fixture
def disposing(sqlite_services: Services) -> Incident:
    return make_incident(sqlite_services, state="disposing")


def plan_of(services: Services, incident: Incident) -> Plan:
    return services.rules.library.plan(incident.plan)


def passed(services: Services, time: timedelta) -> None:
    assert isinstance(services.clock, FrozenClock)
    services.clock.moment += time


def clocks_of(services: Services, rule: str) -> list[IncidentClock]:
    with services.reading() as session:
        found = select(IncidentClock).where(IncidentClock.rule == rule).order_by(IncidentClock.id)
        return list(session.scalars(found))


@pytest.mark.parametrize("answer", [False, None, "left out"], ids=["no", "unknown", "left-out"])
def test_each_criterion_that_acts_stands_in_the_way_of_ending(
    sqlite_services: Services, people: dict[str, Who], disposing: Incident, answer: Any
) -> None:
    before = trace(sqlite_services)
    endings = plan_of(sqlite_services, disposing).termination
    assert endings
    for ending in endings:
        findings = {one.id: True for one in endings if one != ending}
        if answer != "left out":
            findings[ending.id] = answer
        if not Confidence(ending.confidence).acts:
            continue
        with pytest.raises(InvalidInput) as refused:
            act(sqlite_services, disposing, "terminate", people["commander"], findings=findings)
        assert refused.value.code == "termination-not-met"
        assert [one.field for one in refused.value.errors] == [f"findings.{ending.id}"]
        assert refused.value.errors[0].values["text"] == ending.text
    assert trace(sqlite_services) == before


def test_an_override_names_what_is_missing_for_ever(
    sqlite_services: Services, people: dict[str, Who], disposing: Incident
) -> None:
    endings = plan_of(sqlite_services, disposing).termination
    findings = {endings[0].id: False}
    done = act(
        sqlite_services,
        disposing,
        "terminate",
        people["commander"],
        findings=findings,
        override="市政府决定提前终止",
        password=PASSWORD,
    )
    entry = last(sqlite_services, disposing, "terminate")
    assert done.state == "reviewing"
    assert entry.data["missing"] == [one.id for one in endings if Confidence(one.confidence).acts]
    assert "市政府决定提前终止" in entry.text
    assert endings[0].text in entry.text


def test_a_criterion_that_the_plan_does_not_know_is_refused(
    sqlite_services: Services, people: dict[str, Who], disposing: Incident
) -> None:
    raw = brings(sqlite_services, disposing, "terminate")
    raw["findings"] |= {"ZZ-2": True, "ZZ-1": True}
    with pytest.raises(InvalidInput) as refused:
        act(sqlite_services, disposing, "terminate", people["commander"], **raw, override="是")
    assert [(one.field, one.code) for one in refused.value.errors] == [
        ("findings.ZZ-1", "unknown-field"),
        ("findings.ZZ-2", "unknown-field"),
    ]


@pytest.mark.parametrize("plan", RULES)
def test_every_plan_says_when_a_response_may_end(sqlite_services: Services, plan: str) -> None:
    endings = sqlite_services.rules.library.plan(plan).termination
    assert any(Confidence(one.confidence).acts for one in endings)


def test_the_clocks_of_the_end_start_with_the_end(
    sqlite_services: Services, people: dict[str, Who], disposing: Incident
) -> None:
    passed(sqlite_services, timedelta(hours=1))
    raw = brings(sqlite_services, disposing, "terminate")
    act(sqlite_services, disposing, "terminate", people["commander"], **raw)
    [final] = clocks_of(sqlite_services, "FC-FINAL")
    assert final.starts_at == sqlite_services.now()
    assert final.due_at is not None
    assert read(sqlite_services, disposing.number).next_due_at is not None


def test_nobody_owes_progress_reports_of_a_response_that_ended(
    sqlite_services: Services, people: dict[str, Who], disposing: Incident
) -> None:
    assert len(clocks_of(sqlite_services, "FC-PROG-34")) == 1
    raw = brings(sqlite_services, disposing, "terminate")
    act(sqlite_services, disposing, "terminate", people["commander"], **raw)
    assert clocks_of(sqlite_services, "FC-PROG-34") == []
    facts = {"facts": {"ill": 41}, "source": "hospital"}
    act(sqlite_services, disposing, "update_facts", people["duty_officer"], **facts)
    assert clocks_of(sqlite_services, "FC-PROG-34") == []


def test_a_progress_report_that_was_late_before_the_end_stays_late(
    sqlite_services: Services, people: dict[str, Who], disposing: Incident
) -> None:
    passed(sqlite_services, timedelta(hours=25))
    raw = brings(sqlite_services, disposing, "terminate")
    act(sqlite_services, disposing, "terminate", people["commander"], **raw)
    [late] = clocks_of(sqlite_services, "FC-PROG-34")
    assert late.satisfied_at is None


def test_a_reopened_response_owes_progress_reports_from_now_on(
    sqlite_services: Services, people: dict[str, Who]
) -> None:
    incident = make_incident(sqlite_services, state="closed")
    passed(sqlite_services, timedelta(days=30))
    again = act(sqlite_services, incident, "reopen", people["commander"], reason="再现病例")
    [clock] = clocks_of(sqlite_services, "FC-PROG-34")
    assert again.state == "responding"
    assert clock.starts_at == sqlite_services.now()
    assert clock.due_at == sqlite_services.now() + timedelta(hours=24)
    assert again.next_due_at is not None


def test_a_reopened_response_has_each_measure_once_and_ends_anew(
    sqlite_services: Services, people: dict[str, Who]
) -> None:
    incident = make_incident(sqlite_services, state="closed")
    passed(sqlite_services, timedelta(days=1))
    commander = people["commander"]
    act(sqlite_services, incident, "reopen", commander, reason="再现病例")
    raw = brings(sqlite_services, incident, "convene")
    act(sqlite_services, incident, "convene", commander, **raw)
    passed(sqlite_services, timedelta(hours=5))
    raw = brings(sqlite_services, incident, "conclude")
    act(sqlite_services, incident, "conclude", people["chair"], **raw)
    raw = brings(sqlite_services, incident, "terminate")
    act(sqlite_services, incident, "terminate", commander, **raw)
    first, second = clocks_of(sqlite_services, "FC-FINAL")
    assert second.starts_at > first.starts_at
    with sqlite_services.reading() as session:
        measures = session.scalars(select(Task.measure)).all()
    assert len(measures) == len(set(measures)) > 5


def test_the_archive_keeps_the_review_the_follow_ups_and_the_decision_on_personal_data(
    services: Services,
) -> None:
    people = make_people(services)
    incident = make_incident(services, state="reviewing")
    follow_ups = [{"what": "w" * 300, "owner": "示例市第一实验小学", "due_on": "2026-11-23"}]
    raw = brings(services, incident, "archive", follow_ups=follow_ups)
    done = act(services, incident, "archive", people["duty_leader"], **raw)
    with services.reading() as session:
        review = session.get(Review, incident.id)
        assert review is not None
        assert (review.course, review.personal_data) == ("经过", "destroy")
        assert len(session.scalars(select(FollowUp)).all()) == 1
    assert (done.state, done.next_due_at) == ("closed", None)


@pytest.mark.parametrize(
    ("field", "raw", "code"),
    [
        ("follow_ups.0.due_on", {"what": "改", "owner": "甲", "due_on": "2026-11-22"}, "in-past"),
        ("follow_ups.0.due_on", {"what": "改", "owner": "甲", "due_on": 20000}, "bad-time"),
        ("follow_ups.0.due_on", {"what": "改", "owner": "甲", "due_on": "2026-02-30"}, "bad-time"),
        ("follow_ups.0.owner", {"what": "改", "due_on": "2026-12-01"}, "required"),
        (
            "follow_ups.0.what",
            {"what": "a\0", "owner": "甲", "due_on": "2026-12-01"},
            "control-character",
        ),
        (
            "follow_ups.0.what",
            {"what": "长" * 301, "owner": "甲", "due_on": "2026-12-01"},
            "too-long",
        ),
    ],
    ids=["yesterday", "a-number", "no-such-day", "nobody", "nul", "too-long"],
)
def test_a_follow_up_that_cannot_be_is_refused(
    shared_services: Services, field: str, raw: dict[str, Any], code: str
) -> None:
    people = make_people(shared_services)
    incident = make_incident(shared_services, state="reviewing")
    brought = brings(shared_services, incident, "archive", follow_ups=[raw])
    with pytest.raises(InvalidInput) as refused:
        act(shared_services, incident, "archive", people["duty_leader"], **brought)
    assert [(one.field, one.code) for one in refused.value.errors] == [(field, code)]
