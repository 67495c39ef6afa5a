"""Alerts: whom they begin with, how they climb, what an answer stops, how they end."""

import pytest
from sqlalchemy import update

from incident.models import Alert, AlertPerson, User
from incident.operations import alerts, steps
from incident.services import Services
from tests.support.alerts import (
    all_alerts,
    calls,
    entries,
    later,
    newest_alert,
    people,
    say,
    states,
    to_phone,
)
from tests.support.desk import act, make_incident, make_people, make_person
from tests.support.roster import make_officers, make_post, make_rotation
from tests.support.steps import brings, propose

OFFICER, LEADER = "duty_officer", "duty_leader"


@pytest.fixture
def watch(services: Services) -> list[str]:
    """A post of the duty officers with two people: b is on duty, c stands in."""
    make_people(services)
    a, b, c, _ = make_officers(services)
    make_rotation(services, make_post(services), [(a, b), (b, c), (c, a)])
    return ["officer-b", "officer-c"]


def test_the_first_step_is_queued_with_the_report(services: Services) -> None:
    make_incident(services)
    assert calls(services) == [(OFFICER, "sms", 0), (LEADER, "sms", 0)]
    alert = newest_alert(services)
    assert alert.policy["id"] == "FC-ESC-REPORTED"
    assert alert.siren_at is not None
    assert (alert.siren_at - alert.started_at).total_seconds() == 600


def test_without_an_answer_it_climbs_by_the_plan_to_the_siren(
    services: Services, watch: list[str]
) -> None:
    main, second = watch
    incident = make_incident(services)
    assert [who for who, *_ in calls(services)] == [main, LEADER]
    later(services, minutes=2)
    assert calls(services, main) == [(main, "sms", 0), (main, "voice", 1)]
    later(services, minutes=2, seconds=59)
    assert states(services)[second] == "waiting"
    later(services, seconds=1)
    assert calls(services, second) == [(second, "sms", 0), (second, "voice", 0)]
    later(services, minutes=5)
    assert newest_alert(services).sirened_at == services.now()
    assert entries(services, incident)[-3:] == [
        "alert_started",
        "alert_climbed",
        "alert_unanswered",
    ]


def test_a_group_with_a_robot_is_told_once_with_the_first_person(services: Services) -> None:
    services.rules.tells_group = True
    make_incident(services)
    assert calls(services) == [(OFFICER, "sms", 0), (OFFICER, "robot", 0), (LEADER, "sms", 0)]
    later(services, minutes=2)
    assert [channel for _, channel, _ in calls(services)].count("robot") == 1


def test_a_post_to_the_group_does_not_spare_the_person(services: Services) -> None:
    services.rules.tells_group = True
    make_people(services)
    with services.transaction() as session:
        session.execute(update(User).values(phone=None, mail=User.name + "@example.invalid"))
    make_incident(services)
    assert {channel for _, channel, _ in calls(services, OFFICER)} == {"robot", "mail"}
    assert {channel for _, channel, _ in calls(services, LEADER)} == {"mail"}


def test_the_ladder_is_taken_again_and_then_ends_without_silence(services: Services) -> None:
    make_incident(services)
    for _ in range(40):
        later(services, minutes=1)
    assert [channel for _, channel, _ in calls(services, OFFICER)] == ["sms", "voice"] * 3
    assert people(services)[OFFICER].next_at is None
    assert newest_alert(services).ended_at is None
    assert newest_alert(services).sirened_at is not None


def test_what_the_engine_slept_through_is_one_step(services: Services) -> None:
    make_incident(services)
    later(services, minutes=25)
    assert [channel for _, channel, _ in calls(services, OFFICER)] == ["sms", "voice", "sms"]


def test_one_answer_at_a_post_spares_the_others_there(services: Services, watch: list[str]) -> None:
    main, second = watch
    make_incident(services)
    later(services, minutes=5)
    assert say(services, second, "received")
    assert states(services)[main] == "spared"
    assert states(services)[LEADER] == "called"
    assert newest_alert(services).ended_at is None
    say(services, LEADER, "under_way")
    assert newest_alert(services).ended == "answered"


def test_nobody_silences_another_who_is_wanted_in_person(services: Services) -> None:
    other = make_person(services, "second-expert", "expert", number=70)
    make_incident(services, state="responding")
    say(services, "expert", "received")
    assert states(services)["second-expert"] == "called"
    later(services, minutes=2)
    assert ("second-expert", "voice", 1) in calls(services)
    assert other.id


def test_who_cannot_come_brings_his_stand_in_at_once(services: Services, watch: list[str]) -> None:
    main, second = watch
    make_incident(services)
    say(services, main, "cannot")
    later(services, seconds=1)
    assert states(services)[second] == "called"
    say(services, LEADER, "received")
    assert newest_alert(services).ended_at is None
    say(services, second, "cannot")
    later(services, seconds=1)
    assert newest_alert(services).sirened_at is not None


def test_an_answer_takes_back_what_has_not_left(services: Services) -> None:
    make_incident(services)
    later(services, minutes=2)
    say(services, OFFICER, "received")
    states = [message.state for message in to_phone(services, "+86100000000001")]
    assert states == ["withdrawn", "withdrawn"]
    assert {row.state for row in to_phone(services, "+86100000000002")} == {"queued"}


def test_a_first_text_leaves_also_to_who_answers_at_once(services: Services) -> None:
    make_incident(services)
    say(services, OFFICER, "received")
    assert [row.state for row in to_phone(services, "+86100000000001")] == ["queued"]


def test_the_answer_may_change_after_everybody_has_answered(services: Services) -> None:
    make_incident(services)
    say(services, OFFICER, "received")
    say(services, LEADER, "received")
    assert say(services, OFFICER, "under_way")
    assert people(services)[OFFICER].answer == "under_way"


def test_a_raise_of_the_grade_asks_everybody_anew(services: Services) -> None:
    crew = make_people(services)
    incident = make_incident(services, state="responding", grade="III")
    before = newest_alert(services)
    say(services, "expert", "received")
    propose(services, incident, "II", crew[OFFICER])
    raw = brings(services, incident, "regrade", grade="II")
    act(services, incident, "regrade", crew["commander"], **raw)
    assert set(states(services, before).values()) <= {"answered", "over"}
    assert states(services)["expert"] == "called"
    assert ("expert", "voice", 0) in calls(services)
    with services.reading() as session:
        assert session.get_one(Alert, before.id).ended == "superseded"


@pytest.mark.parametrize("state", ["dismissed", "merged", "transferred"])
def test_an_incident_that_is_over_calls_nobody(services: Services, state: str) -> None:
    make_incident(services, state=state)
    first = all_alerts(services)[0]
    assert first.ended in ("closed", "answered")
    assert set(states(services, first).values()) <= {"over", "answered", "spared"}


def test_whoever_takes_a_step_has_answered(services: Services) -> None:
    crew = make_people(services)
    incident = make_incident(services)
    act(services, incident, "verify", crew[OFFICER], conclusion="属实")
    assert people(services)[OFFICER].answered_by == "page"


def test_received_decays_with_one_reminder_until_he_sets_out(services: Services) -> None:
    make_incident(services, state="responding")
    say(services, "expert", "received")
    say(services, "group_member", "under_way")
    for _ in range(3):
        later(services, minutes=30)
    reminders = [one for one in calls(services) if one[2] is None]
    assert reminders == [("expert", "sms", None)]
    assert people(services)["expert"].state == "answered"


def test_nobody_to_call_is_the_siren_at_once(services: Services) -> None:
    incident = make_incident(services)
    with services.transaction() as session:
        session.execute(update(User).values(phone=None))
        held = steps.hold(session, incident.number)
        started = alerts.start(
            session, held, "overdue", facts={}, rules=services.rules, now=services.now()
        )
    assert started is not None
    later(services, seconds=1)
    assert newest_alert(services).sirened_at is not None


def test_a_call_that_was_answered_by_hand_is_a_delivery(services: Services) -> None:
    crew = make_people(services)
    make_incident(services)
    person = people(services)[LEADER]
    with services.transaction() as session:
        for result in ("no_answer", "answered"):
            held = session.get_one(AlertPerson, person.id)
            alerts.log_call(session, held, result, who=crew[OFFICER], now=services.now())
    found = people(services)[LEADER]
    assert (found.answer, found.answered_by) == ("received", "call")
    assert found.delivered_at == services.now()
    assert entries(services).count("call_logged") == 2
