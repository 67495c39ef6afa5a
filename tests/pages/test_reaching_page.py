"""People and messages on the page of an incident: what is known, and what can be done."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from incident.models import AlertPerson, Incident
from incident.operations import alerts, steps
from incident.services import Services
from tests.support.desk import make_incident, make_people, make_person
from tests.support.reaching import called, pass_minutes
from tests.support.running import flask_client

OFFICER = "值班员"


def client(services: Services, account: str) -> FlaskClient:
    make_people(services)
    return flask_client(services, account)


def page(services: Services, incident: Incident, account: str = "duty_leader") -> str:
    answer = client(services, account).get(f"/incidents/{incident.number}/messages")
    assert answer.status_code == 200, answer.text[:300]
    return answer.text


def post(
    services: Services, incident: Incident, account: str, what: str, **form: str
) -> tuple[int, str]:
    person = called(services, incident, OFFICER)
    answer = client(services, account).post(
        f"/incidents/{incident.number}/people/{person.id}/{what}",
        data=form,
        follow_redirects=True,
    )
    return answer.status_code, answer.text


def glance(text: str, part: str) -> str:
    found = re.search(rf'class="glance-{part}">(.*?)</div>', text, re.S)
    assert found
    return found[1]


def test_one_look_answers_who_knows_who_does_not_and_what_is_next(services: Services) -> None:
    incident = make_incident(services)
    text = page(services, incident)

    assert OFFICER in glance(text, "silent")
    assert "还没有人答复" in glance(text, "knows")
    assert re.search(r"<b>11:02</b></time>\s*呼叫值班员", glance(text, "next"))
    assert "按启动时名单" in text
    assert "<summary>带班领导</summary>" in text, "the corner still says who is signed in"


def test_what_was_only_sent_has_no_tick(services: Services) -> None:
    incident = make_incident(services)
    text = page(services, incident)

    assert "verdict-met" not in text
    assert "未答复" in text


def test_an_answer_on_the_page_is_told_to_all(services: Services) -> None:
    incident = make_incident(services)
    status, text = post(services, incident, "duty_officer", "answer", answer="under_way")

    assert status == 200
    assert "已动身" in glance(text, "knows")
    assert OFFICER not in glance(text, "silent")


def test_nobody_answers_for_another(services: Services) -> None:
    incident = make_incident(services)

    assert post(services, incident, "duty_leader", "answer", answer="received")[0] == 403
    assert post(services, incident, "duty_officer", "answer", answer="perhaps")[0] == 404


def test_a_call_is_written_down_by_one_tap(services: Services) -> None:
    incident = make_incident(services)
    _, busy = post(services, incident, "duty_leader", "call", result="busy")
    assert re.search(r"电话 <b>占线</b>", busy)
    _, told = post(
        services, incident, "duty_leader", "call?result=answered", said="cannot", note="在外地"
    )

    assert "不能到" in glance(told, "knows")
    assert "在外地" in told


def test_a_call_of_which_nothing_came_is_refused(services: Services) -> None:
    incident = make_incident(services)

    assert post(services, incident, "duty_leader", "call")[0] == 422
    assert post(services, incident, "duty_leader", "call", result="lost")[0] == 422


def test_calling_again_twice_in_a_minute_is_refused_in_words(services: Services) -> None:
    incident = make_incident(services)
    status, text = post(services, incident, "duty_officer", "again")
    assert status == 409
    assert "一分钟内刚呼叫过" in text
    pass_minutes(services, 1.5)
    status, text = post(services, incident, "duty_officer", "again")
    assert "正在再次呼叫值班员" in text


def test_a_person_of_another_incident_is_not_found(services: Services) -> None:
    one, other = make_incident(services), make_incident(services)
    person = called(services, other, OFFICER)
    address = f"/incidents/{one.number}/people/{person.id}/again"

    assert client(services, "duty_leader").post(address).status_code == 404


@pytest.mark.parametrize(
    ("account", "phones", "buttons"),
    [("duty_officer", True, True), ("leader", False, False), ("group_member", False, False)],
)
def test_telephones_are_for_those_who_ring(
    desk: Services, account: str, *, phones: bool, buttons: bool
) -> None:
    incident = make_incident(desk)
    text = page(desk, incident, account)

    assert ("tel:+86100000000002" in text) is phones
    assert ("一键重呼" in text) is buttons
    status = (
        client(desk, account)
        .post(f"/incidents/{incident.number}/people/{called(desk, incident, OFFICER).id}/again")
        .status_code
    )
    assert (status == 403) is not buttons


def test_it_follows_live_and_prints_without_buttons(desk: Services) -> None:
    incident = make_incident(desk)
    text = page(desk, incident)

    assert f'data-live-replace data-url="/incidents/{incident.number}/messages"' in text
    assert "reaching.css" in text


def test_a_stranger_sees_nothing(desk: Services) -> None:
    incident = make_incident(desk)
    make_person(desk, "outsider", "reporter")
    answer = client(desk, "outsider").get(f"/incidents/{incident.number}/messages")

    assert answer.status_code in (403, 404)


def test_it_speaks_english(desk: Services) -> None:
    incident = make_incident(desk)
    english = client(desk, "duty_leader")
    english.set_cookie("language", "en")
    text = english.get(f"/incidents/{incident.number}/messages").text

    assert "Do not know" in text
    assert "Call again now" in text


def test_who_is_told_by_telephone_is_told_of_all_calls_of_the_incident(services: Services) -> None:
    incident = make_incident(services, state="grading")
    with services.transaction() as session:
        held = steps.hold(session, incident.number)
        told = {"facts": {}, "rules": services.rules, "now": services.now()}
        alerts.start(session, held, "overdue", occasion="clock-1", clock="初报", **told)
    mine = called(services, incident, OFFICER)
    post(services, incident, "duty_leader", "call?result=answered", said="received")

    with services.reading() as session:
        rows = session.scalars(
            select(AlertPerson).where(
                AlertPerson.incident_id == incident.id, AlertPerson.user_id == mine.user_id
            )
        ).all()
    assert len(rows) > 1
    assert {row.state for row in rows} <= {"answered", "over", "spared"}
