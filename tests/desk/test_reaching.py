"""Who knows, who does not, what was tried, and what happens next at what minute."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from incident.errors import Conflict
from incident.models import AlertPerson, Incident, OutgoingMessage
from incident.operations import alerts, calling_again, reading, steps
from incident.queries import call_sheet, reached, reaching
from incident.services import Services
from tests.support.desk import act, make_incident, make_people
from tests.support.reaching import answer_as, called, pass_minutes
from tests.support.steps import entries

OFFICER = "值班员"


def calls(services: Services, incident: Incident) -> tuple[reaching.Call, ...]:
    with services.reading() as session:
        return reaching.calls(session, incident.id)


def person(services: Services, incident: Incident, name: str) -> reaching.Called:
    return next(one for one in calls(services, incident)[0].people if one.person == name)


def tally(services: Services, incident: Incident) -> tuple[int, int]:
    with services.reading() as session:
        found = reached.tally(session, incident.id)
        return len(found.acked), len(found.asked)


def fail(services: Services, incident: Incident, name: str) -> None:
    id = called(services, incident, name).id
    with services.transaction() as session:
        session.execute(
            update(OutgoingMessage)
            .where(OutgoingMessage.alert_person_id == id)
            .values(state="undelivered", problem="30005")
        )


def again(services: Services, incident: Incident, name: str) -> None:
    who, id = make_people(services)["duty_leader"], called(services, incident, name).id
    with services.transaction() as session:
        row = session.get_one(AlertPerson, id)
        calling_again.call_again(session, row, who=who, now=services.now(), rules=services.rules)


def test_one_look_says_who_knows_who_does_not_and_what_is_next(services: Services) -> None:
    incident = make_incident(services)
    everybody = make_people(services)
    call = calls(services, incident)[0]
    names = {one.person for one in call.silent}
    assert OFFICER in names
    assert call.knows == ()
    first = call.upcoming[0]
    assert first.at > services.now()
    assert first.channels
    answer_as(services, incident, everybody["duty_officer"])
    call = calls(services, incident)[0]

    assert [one.person for one in call.knows] == [OFFICER]
    assert OFFICER not in {one.person for one in call.silent}


def test_delivered_read_and_answered_are_three_facts(services: Services) -> None:
    incident = make_incident(services)
    officer = make_people(services)["duty_officer"]
    before = person(services, incident, OFFICER)
    assert (before.delivered_at, before.read_at, before.answered_at) == (None, None, None)
    with services.transaction() as session:
        held = steps.hold(session, incident.number)
        assert reading.read(session, held, services.context(officer))
    seen = person(services, incident, OFFICER)
    assert (seen.delivered_at, seen.read_at, seen.answered_at) == (None, services.now(), None)
    assert seen.is_open, "to have seen it is no answer"


def test_what_was_tried_is_told_with_its_failure(services: Services) -> None:
    incident = make_incident(services)
    fail(services, incident, OFFICER)
    found = person(services, incident, OFFICER)

    assert found.failed
    assert [(one.channel, one.problem) for one in found.attempts] == [("sms", "30005")]
    assert calls(services, incident)[0].silent[0].person == OFFICER


def test_a_call_by_hand_counts_as_delivered_and_answered(services: Services) -> None:
    incident = make_incident(services)
    caller = make_people(services)["duty_leader"]
    with services.transaction() as session:
        row = session.get_one(AlertPerson, called(services, incident, OFFICER).id)
        for result in ("busy", "answered"):
            alerts.log_call(session, row, result, who=caller, now=services.now(), note="手机")
    found = person(services, incident, OFFICER)

    assert [one.state for one in found.attempts if one.caller] == ["busy", "answered"]
    assert (found.delivered_at, found.answer, found.answered_by) == (
        services.now(),
        "received",
        "call",
    )


def test_the_ring_counts_the_newest_call_of_each_person(services: Services) -> None:
    incident = make_incident(services)
    everybody = make_people(services)
    acked, asked = tally(services, incident)
    assert (acked, asked > 0) == (0, True)
    act(services, incident, "acknowledge", everybody["duty_officer"])
    assert tally(services, incident)[0] == 1


def test_a_raise_of_the_grade_asks_everybody_anew(services: Services) -> None:
    incident = make_incident(services, state="responding")
    everybody = make_people(services)
    for role in everybody.values():
        answer_as(services, incident, role)
    acked, asked = tally(services, incident)
    assert acked == asked > 0
    act(services, incident, "propose_grade", everybody["duty_officer"], grade="II", reason="增加")
    act(services, incident, "regrade", everybody["commander"], grade="II", reason="增加")

    acked, asked = tally(services, incident)
    assert acked < asked


def test_calling_again_sends_by_every_way_at_once(services: Services) -> None:
    incident = make_incident(services)
    with pytest.raises(Conflict, match="just-called"):
        again(services, incident, OFFICER)
    pass_minutes(services, 1.1)
    before = len(person(services, incident, OFFICER).attempts)
    again(services, incident, OFFICER)
    after = person(services, incident, OFFICER)

    assert {one.channel for one in after.attempts[before:]} == {"sms", "voice"}
    assert entries(services, incident)[-1].type == "called_again"
    answer_as(services, incident, make_people(services)["duty_officer"])
    pass_minutes(services, 2)
    with pytest.raises(Conflict, match="not-called-any-more"):
        again(services, incident, OFFICER)


def test_the_call_sheet_has_the_gravest_and_the_unreached_first(services: Services) -> None:
    drill = make_incident(services, drill="D1")
    light = make_incident(services)
    pass_minutes(services, 0.5)
    grave = make_incident(services)
    fail(services, light, OFFICER)
    with services.reading() as session:
        lines = call_sheet.lines(session, services.now())

    order = list(dict.fromkeys(line.number for line in lines))
    assert order == [light.number, grave.number, drill.number]
    assert lines[0].called.failed
    assert not lines[0].by_hand
    pass_minutes(services, 30)
    with services.reading() as session:
        assert all(line.by_hand for line in call_sheet.lines(session, services.now()))


def test_an_alert_that_ended_leaves_the_sheet(services: Services) -> None:
    incident = make_incident(services)
    for who in make_people(services).values():
        answer_as(services, incident, who)
    with services.reading() as session:
        assert call_sheet.lines(session, services.now() + timedelta(hours=1)) == ()
    assert calls(services, incident)[0].ended == "answered"
    assert calls(services, incident)[0].upcoming == ()
