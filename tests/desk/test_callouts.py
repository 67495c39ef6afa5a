"""Call-outs: the right people once for each occasion, and nobody else."""

import pytest
from sqlalchemy import select

from incident.models import OutgoingMessage
from incident.operations import alerts, facts, people, steps
from incident.services import Services
from notifications.text import bears_drill_mark, check, segments
from tests.support.desk import act, make_incident, make_people, make_person
from tests.support.steps import brings, propose


def sent(services: Services) -> list[OutgoingMessage]:
    with services.reading() as session:
        return list(session.scalars(select(OutgoingMessage).order_by(OutgoingMessage.id)))


def names(services: Services, purpose: str) -> list[str]:
    who = {one.id: name for name, one in make_people(services).items()}
    return sorted(
        who.get(one.user_id or 0, "other")
        for one in sent(services)
        if f":{purpose}:" in one.reason and one.channel == "sms"
    )


def test_each_event_reaches_the_roles_of_the_plan_once_each(services: Services) -> None:
    make_incident(services, state="responding")
    assert names(services, "reported") == ["duty_leader", "duty_officer"]
    assert names(services, "activated") == ["commander", "duty_leader", "expert", "group_member"]


def test_somebody_with_two_of_the_roles_is_told_once(services: Services) -> None:
    both = make_person(services, "both", "duty_officer", "duty_leader", number=60)
    make_incident(services)
    assert [one.user_id for one in sent(services)].count(both.id) == 1


def test_nobody_without_a_telephone_or_with_a_closed_account_is_called(
    services: Services,
) -> None:
    for number, name in enumerate(("silent", "gone"), start=60):
        make_person(services, name, "duty_officer", number=number)
    with services.transaction() as session:
        people.find(session, "silent").phone = None
        people.find(session, "gone").disabled_at = services.now()
    make_incident(services)
    assert names(services, "reported") == ["duty_leader", "duty_officer"]


def test_each_regrade_is_an_occasion_of_its_own(sqlite_services: Services) -> None:
    crew = make_people(sqlite_services)
    incident = make_incident(sqlite_services, state="responding", grade="III")
    for grade in ("II", "III"):
        propose(sqlite_services, incident, grade, crew["duty_officer"])
        raw = brings(sqlite_services, incident, "regrade", grade=grade)
        act(sqlite_services, incident, "regrade", crew["commander"], **raw)
    assert names(sqlite_services, "regraded").count("commander") == 2
    reasons = [one.reason for one in sent(sqlite_services)]
    assert len(reasons) == len(set(reasons))


def test_each_clock_that_is_overdue_is_an_occasion_of_its_own(sqlite_services: Services) -> None:
    incident = make_incident(sqlite_services)
    with sqlite_services.transaction() as session:
        held = steps.hold(session, incident.number)
        for clock in (1, 2):
            alerts.start(
                session,
                held,
                "overdue",
                facts=facts.current(session, held.id),
                rules=sqlite_services.rules,
                now=sqlite_services.now(),
                occasion=f"clock-{clock}",
                clock="初报",
            )
    assert names(sqlite_services, "overdue").count("duty_officer") == 2


def test_those_who_were_told_are_told_that_it_was_nothing(sqlite_services: Services) -> None:
    make_incident(sqlite_services, state="dismissed")
    assert names(sqlite_services, "dismissed") == names(sqlite_services, "reported")


@pytest.mark.parametrize(
    ("grade", "drill", "priority"),
    [("I", None, 0), ("II", None, 0), ("III", None, 1), ("IV", None, 1), ("I", "YL-1", 5)],
    ids=["I first", "II first", "III", "IV", "a drill after everything"],
)
def test_the_gravest_goes_first_and_a_drill_last(
    shared_services: Services, grade: str, drill: str | None, priority: int
) -> None:
    incident = make_incident(shared_services, state="responding", grade=grade, drill=drill)
    mine = [one for one in sent(shared_services) if one.incident_id == incident.id]
    assert {one.priority for one in mine if ":activated:" in one.reason} == {priority}
    assert {one.drill for one in mine} == {drill}
    assert {bears_drill_mark(one.body) for one in mine} == {drill is not None}


def test_a_message_names_number_place_and_count_and_says_its_cost(services: Services) -> None:
    incident = make_incident(services)
    for message in sent(services):
        check(message.body)
        assert incident.number in message.body
        assert "40人" in message.body
        assert message.segments == segments(message.body).count
        assert (message.state, message.attempts, message.due_at) == ("queued", 0, services.now())
