"""The siren of the desk, the call sheet and the self-test, as pages."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from incident.models import Entry, Incident, IncidentClock, SirenAnswer
from incident.queries import sirens
from incident.services import Services
from tests.support.desk import make_incident, make_people
from tests.support.reaching import answer_as, called, pass_minutes
from tests.support.running import flask_client

OFFICER = "值班员"


def client(services: Services, account: str) -> FlaskClient:
    make_people(services)
    return flask_client(services, account)


def page(services: Services, path: str = "/desk", account: str = "duty_officer") -> str:
    answer = client(services, account).get(path)
    assert answer.status_code == 200, answer.text[:300]
    return answer.text


def sound(services: Services) -> str:
    found = re.search(r'data-sound="(\w*)"', page(services, "/desk/siren"))
    assert found
    return found[1]


def take_on(services: Services, incident: Incident, account: str = "duty_officer") -> int:
    return client(services, account).post(f"/desk/siren/{incident.number}").status_code


def overdue(services: Services, incident: Incident) -> None:
    due_at = services.now() - timedelta(minutes=1)
    with services.transaction() as session:
        session.get_one(Incident, incident.id).next_due_at = due_at
        session.execute(
            update(IncidentClock)
            .where(IncidentClock.incident_id == incident.id, IncidentClock.due_at.is_not(None))
            .values(due_at=due_at, advisory=False)
        )


def causes(services: Services) -> list[str]:
    with services.reading() as session:
        return [cause.kind for cause in sirens.causes(session, services.now())]


def quiet(services: Services, incident: Incident) -> None:
    """Let nothing but the calls of an incident sound."""
    with services.transaction() as session:
        session.execute(
            update(IncidentClock)
            .where(IncidentClock.incident_id == incident.id)
            .values(satisfied_at=services.now())
        )


def test_a_quiet_desk_is_silent(services: Services) -> None:
    assert sound(services) == ""
    assert "还没有自检过" in page(services)


def test_a_call_sounds_until_somebody_takes_it_on_by_name(services: Services) -> None:
    incident = make_incident(services)
    quiet(services, incident)
    assert (sound(services), causes(services)) == ("call", ["call"])
    assert take_on(services, incident, "duty_leader") == 303

    assert sound(services) == ""
    with services.reading() as session:
        (row,) = session.scalars(select(SirenAnswer))
        entry = session.scalars(select(Entry).where(Entry.type == "siren_taken")).one()
    assert row.person == "带班领导"
    assert "带班领导" in entry.text


def test_an_answer_of_anybody_silences_the_call(services: Services) -> None:
    incident = make_incident(services)
    quiet(services, incident)
    answer_as(services, incident, make_people(services)["duty_officer"])

    assert sound(services) == ""


def test_the_siren_comes_when_nobody_answers_and_wants_its_own_answer(services: Services) -> None:
    incident = make_incident(services)
    quiet(services, incident)
    take_on(services, incident, "commander")
    assert sound(services) == ""
    pass_minutes(services, 30)

    assert sound(services) == "siren"
    assert "已转人工叫应" in page(services, "/desk/siren")


def test_an_overdue_clock_sounds_like_the_siren(services: Services) -> None:
    incident = make_incident(services)
    answer_as(services, incident, make_people(services)["duty_officer"])
    overdue(services, incident)

    assert sound(services) == "siren"
    take_on(services, incident)
    assert sound(services) == ""


def test_a_drill_sounds_otherwise_and_never_over_a_real_alarm(services: Services) -> None:
    drill = make_incident(services, drill="D1")
    quiet(services, drill)
    assert sound(services) == "drill"
    assert "演练" in page(services, "/desk/siren")
    real = make_incident(services)
    quiet(services, real)

    assert sound(services) == "call"


def test_who_takes_it_on_has_answered_his_own_call(services: Services) -> None:
    incident = make_incident(services)
    take_on(services, incident)

    assert called(services, incident, OFFICER).answer == "received"


def test_the_engine_and_the_self_test_are_put_on_record(services: Services) -> None:
    assert client(services, "duty_officer").post("/desk/siren").status_code == 303
    assert client(services, "duty_officer").post("/desk/self-test").status_code == 303

    assert "上次自检：值班员" in page(services)


def test_the_sheet_says_whom_to_ring_in_order_with_telephones(services: Services) -> None:
    incident = make_incident(services)
    text = page(services, "/desk/call-list")

    assert "人工叫应单" in text
    assert incident.number in text
    assert text.index("tel:+86100000000001") < text.index("值班与指挥人员")
    for role in ("值班员", "带班领导", "指挥长", "专家组长", "专家"):
        assert f">{role}<" in text
    assert "data-print" in text
    assert "print_now.js" in page(services, "/desk/call-list?print=1")


def test_a_call_logged_on_the_sheet_leads_back_to_it(services: Services) -> None:
    incident = make_incident(services)
    person = called(services, incident, OFFICER)
    answer = client(services, "duty_leader").post(
        f"/incidents/{incident.number}/people/{person.id}/call?result=answered",
        data={"said": "under_way", "back": "/desk/call-list"},
    )

    assert answer.headers["Location"].endswith("/desk/call-list")
    assert called(services, incident, OFFICER).answer == "under_way"


@pytest.mark.parametrize("account", ["leader", "group_member", "expert", "auditor"])
def test_telephones_and_the_siren_are_for_those_on_duty(desk: Services, account: str) -> None:
    incident = make_incident(desk)

    assert client(desk, account).get("/desk/call-list").status_code == 403
    assert client(desk, account).post(f"/desk/siren/{incident.number}").status_code == 403
    assert client(desk, account).post("/desk/self-test").status_code == 403


def test_a_leader_sees_masked_telephones_of_the_silent(desk: Services) -> None:
    make_incident(desk)
    text = page(desk, "/desk/silent", "leader")

    assert "tel:" not in text
    assert "****" in text
    assert "一键重呼" not in text


def test_it_speaks_english(desk: Services) -> None:
    make_incident(desk)
    english = client(desk, "duty_officer")
    english.set_cookie("language", "en")

    assert "I take it on" in english.get("/desk").text
    assert "Whom to ring, from the top down" in english.get("/desk/call-list").text
