"""Clocks that count from moments which only facts tell, and rule sets beside the main one."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from incident.errors import InvalidInput
from incident.models import Incident, IncidentClock
from incident.operations import clocks, moments, steps
from incident.queries import tracks
from incident.services import Services
from incident.who import Who
from tests.support.desk import act, make_incident, make_people
from tests.support.steps import trace
from workflows.clocks import BASES, TASK_BASE

FILED = {"occurred", "aware", "received"}
FIRST = "2026-11-23T09:00:00+08:00"
LATER = "2026-11-23T10:00:00+08:00"


def tell(services: Services, incident: Incident, who: Who, **facts: str | None) -> None:
    act(services, incident, "update_facts", who, facts=facts, source="inspection")


def running(services: Services, incident: Incident, rule: str) -> list[IncidentClock]:
    with services.reading() as session:
        query = select(IncidentClock).where(
            IncidentClock.incident_id == incident.id, IncidentClock.rule == rule
        )
        return list(session.scalars(query.order_by(IncidentClock.id)))


def test_every_moment_that_clocks_may_count_from_is_stored_by_something(
    services: Services,
) -> None:
    stored = {*FILED, *steps.MOMENTS.values(), *moments.TOLD.values()}
    assert stored == set(BASES)
    wanted = {
        base
        for plan in services.rules.library.plans
        for clock in plan.clocks
        for base in clock.starts
        if not base.startswith(TASK_BASE)
    }
    assert wanted <= stored


@pytest.mark.parametrize(
    ("fact", "rule"),
    [("risk_known_at", "FC-RECALL"), ("referral_approved_at", "FC-REFER")],
)
def test_a_clock_starts_when_its_moment_is_told(services: Services, fact: str, rule: str) -> None:
    officer = make_people(services)["duty_officer"]
    incident = make_incident(services)
    assert running(services, incident, rule) == []
    tell(services, incident, officer, **{fact: FIRST})
    [clock] = running(services, incident, rule)
    assert clock.due_at == clock.starts_at + timedelta(hours=24)
    assert clock.starts_at.isoformat() == "2026-11-23T01:00:00+00:00"
    act(
        services,
        incident,
        "update_facts",
        officer,
        facts={"ill": 41, fact: FIRST},
        source="hospital",
    )
    assert len(running(services, incident, rule)) == 1


def test_a_corrected_moment_moves_its_clock_and_a_withdrawn_one_ends_it(
    services: Services,
) -> None:
    officer = make_people(services)["duty_officer"]
    incident = make_incident(services)
    tell(services, incident, officer, referral_approved_at=FIRST)
    tell(services, incident, officer, referral_approved_at=LATER)
    [clock] = running(services, incident, "FC-REFER")
    assert clock.starts_at.isoformat() == "2026-11-23T02:00:00+00:00"
    tell(services, incident, officer, referral_approved_at=None)
    assert running(services, incident, "FC-REFER") == []


def test_a_clock_that_was_kept_stays_when_its_moment_is_corrected(services: Services) -> None:
    officer = make_people(services)["duty_officer"]
    incident = make_incident(services)
    tell(services, incident, officer, referral_approved_at=FIRST)
    [clock] = running(services, incident, "FC-REFER")
    with services.transaction() as session:
        held = steps.hold(session, incident.number)
        clocks.mark(
            session, held, clock.id, at=None, note="已移送", who=officer, now=services.now()
        )
    tell(services, incident, officer, referral_approved_at=LATER)
    kept, fresh = running(services, incident, "FC-REFER")
    assert (kept.satisfied_how, fresh.satisfied_at) == ("mark", None)


def test_a_moment_that_has_not_come_is_refused(services: Services) -> None:
    officer = make_people(services)["duty_officer"]
    incident = make_incident(services)
    before = trace(services)
    with pytest.raises(InvalidInput) as refused:
        tell(services, incident, officer, risk_known_at="2026-11-24T09:00:00+08:00")
    assert [(one.field, one.code) for one in refused.value.errors] == [
        ("facts.risk_known_at", "in-future")
    ]
    assert trace(services) == before


def test_public_health_stands_beside_food_and_owes_by_its_own_grade(services: Services) -> None:
    incident = make_incident(services, counts={"ill": 120, "deaths": 1, "basis": "confirmed"})
    with services.reading() as session:
        [track] = tracks.beside(session, incident, services.rules)
    assert (track.plan, track.grade) == ("health-CN@2006", "II")
    due = {one.rule: one.due_at for one in track.owed}
    assert due["PH-R16"] == incident.received_at + timedelta(hours=1)
    assert due["PH-R12"] is None
    with services.reading() as session:
        stored = {row.rule for row in clocks.running_or_done(session, incident)}
    assert not stored & set(due)


def test_what_a_rule_set_beside_demands_is_never_owed_by_this_office(services: Services) -> None:
    """A clock of ours there would need to be kept and watched, which a mere row is not."""
    ours = [
        (plan.id, clock.id)
        for plan in services.rules.library.plans
        if plan.track == "public_health"
        for clock in plan.clocks
        if clock.actor in plan.office
    ]
    assert ours == []


def test_daily_reports_of_a_rule_set_beside_end_with_the_response(services: Services) -> None:
    counts = {"ill": 120, "deaths": 1, "basis": "confirmed"}
    responding = make_incident(services, state="responding", grade="II", counts=counts)
    ended = make_incident(services, state="reviewing", grade="II", counts=counts)
    with services.reading() as session:
        rules = [
            {one.rule for one in track.owed}
            for incident in (responding, ended)
            for track in tracks.beside(session, incident, services.rules)
        ]
    assert "PH-PROG" in rules[0] - rules[1]
    assert "PH-FINAL" in rules[1] - rules[0]
