"""The pages of instructions: the list with its filters, and the way to the end."""

import io
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from incident.services import Services
from tests.support.desk import act, make_incident, make_people
from tests.support.running import flask_client

NUMBER = "DB20261123-001"


def client(services: Services, account: str) -> FlaskClient:
    make_people(services)
    return flask_client(services, account)


def given(services: Services, **raw: object) -> None:
    incident = make_incident(services)
    brought = {"text": "请速报进展", "owner": "group_member", **raw}
    act(services, incident, "instruct", make_people(services)["leader"], **brought)


def send(services: Services, account: str, step: str, **data: object) -> tuple[int, str]:
    answer = client(services, account).post(
        f"/instructions/{NUMBER}/{step}", data=data, follow_redirects=True
    )
    return answer.status_code, answer.text


def test_overdue_ones_stand_first_and_are_counted(services: Services) -> None:
    given(services, text="以后再办", due_at=(services.now() + timedelta(hours=9)).isoformat())
    given(services, text="早该办了", due_at=(services.now() - timedelta(hours=1)).isoformat())
    text = client(services, "duty_officer").get("/instructions").text

    assert "1 件督办逾期" in text
    assert text.index("早该办了") < text.index("以后再办")
    only = client(services, "duty_officer").get("/instructions?only=overdue").text
    assert "以后再办" not in only


def test_it_is_reported_with_evidence_sent_back_and_closed(services: Services) -> None:
    given(services)
    photo = (io.BytesIO(b"taken at the scene"), "note.txt")
    status, text = send(services, "group_member", "report", note="已到场采样", file=photo)
    assert status == 200
    assert "等 领导（只读） 销号" in text
    assert "note.txt" in text
    assert "销号意见" not in text
    _, text = send(services, "leader", "return", note="缺送检单")
    assert "办理中" in text
    send(services, "group_member", "report", note="送检单已补")
    _, text = send(services, "leader", "close", note="同意")

    assert "已销号" in text
    assert client(services, "leader").get("/instructions?only=closed").text.count(NUMBER) > 0


def test_what_is_lacking_is_said_and_what_was_typed_stays(services: Services) -> None:
    given(services)
    status, text = send(services, "group_member", "report", note="")
    assert (status, "error-summary" in text) == (422, True)
    send(services, "group_member", "report", note="已办")
    status, text = send(services, "leader", "return", note="长" * 301)
    assert status == 422
    assert "长" * 301 in text
    status, text = send(services, "commander", "close", note="同意")
    assert status == 403
    assert "只有下达批示的人" in text


def test_one_that_is_not_there_is_not_found(desk: Services) -> None:
    assert client(desk, "leader").get("/instructions/DB1").status_code == 404


@pytest.mark.parametrize(
    ("account", "status"),
    [("leader", 200), ("group_member", 200), ("expert", 403), ("reporter", 403), ("auditor", 403)],
)
def test_instructions_are_for_the_desk(desk: Services, account: str, status: int) -> None:
    given(desk)

    for path in ("/instructions", f"/instructions/{NUMBER}"):
        assert client(desk, account).get(path).status_code == status


def test_the_pages_speak_english(desk: Services) -> None:
    given(desk)
    english = client(desk, "leader")
    english.set_cookie("language", "en")

    assert "1 instructions under way" in english.get("/instructions").text
    assert "no due time" in english.get(f"/instructions/{NUMBER}").text


def test_an_instruction_of_the_room_leads_to_those_of_its_incident(desk: Services) -> None:
    incident = make_incident(desk)
    leader = client(desk, "leader")
    form = leader.get(
        f"/incidents/{incident.number}/actions/instruct?text=请速报进展&preset=report"
    )
    assert 'name="preset" value="report"' in form.text
    answer = leader.post(
        f"/incidents/{incident.number}/actions/instruct",
        data={"text": "请速报进展", "preset": "report"},
        follow_redirects=True,
    )

    assert NUMBER in answer.text
    assert f"只看 {incident.number} 的督办" in answer.text


def test_the_account_shows_by_what_one_is_called(desk: Services) -> None:
    text = client(desk, "duty_officer").get("/account").text

    assert "+86100000000001" in text
    assert "邮件" in text
