"""The pages of communication tests: a second look, figures per person, a month to print."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from incident.models import CommTest, Halt, OutgoingMessage
from incident.services import Services
from tests.support.desk import make_incident, make_people
from tests.support.running import flask_client

PATH = "/communication-tests"
FORM = {"roles": ["expert", "commander"], "channels": ["sms"], "minutes": "15"}


@pytest.fixture
def leader(services: Services) -> FlaskClient:
    make_people(services)
    return flask_client(services, "duty_leader")


def count(services: Services, model: type) -> int:
    with services.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def seen(page: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found
    return found[1]


def test_nobody_is_called_before_the_list_was_seen(services: Services, leader: FlaskClient) -> None:
    look = leader.post(f"{PATH}/check", data=FORM)
    assert (look.status_code, "专家" in look.text) == (200, True)
    assert leader.post(PATH, data=FORM).status_code == 200
    assert leader.post(PATH, data={**FORM, "seen": "other"}).status_code == 200
    assert count(services, CommTest) == count(services, OutgoingMessage) == 0

    started = leader.post(PATH, data={**FORM, "seen": seen(look.text)})
    assert (started.status_code, started.location) == (303, f"{PATH}/1")
    assert count(services, OutgoingMessage) == 2
    again = leader.post(PATH, data={**FORM, "seen": seen(look.text)})
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"channels": []}, "channels"),
        ({"minutes": "0"}, "minutes"),
        ({"minutes": "soon"}, "minutes"),
        ({"roles": []}, "roles"),
    ],
)
def test_a_wrong_choice_is_said_and_kept(
    leader: FlaskClient, change: dict[str, object], field: str
) -> None:
    page = leader.post(f"{PATH}/check", data={**FORM, "note": "月度", **change})
    assert page.status_code == 422
    assert f"f-{field}" in page.text
    assert 'value="月度"' in page.text


def test_the_person_answers_on_the_page_and_the_month_tells(
    services: Services, leader: FlaskClient
) -> None:
    look = leader.post(f"{PATH}/check", data=FORM)
    leader.post(PATH, data={**FORM, "seen": seen(look.text)})
    expert = flask_client(services, "expert")
    assert "收到，应答测试 1" in expert.get(f"{PATH}/mine").text
    assert expert.post(f"{PATH}/1/received").status_code == 303
    assert flask_client(services, "chair").post(f"{PATH}/1/received").status_code == 404

    assert "畅通率 50%" in leader.get(f"{PATH}/1").text
    assert "2026-11 通信畅通率 50%" in leader.get(f"{PATH}/report?month=2026-11").text
    assert "2026-10 没有通信测试" in leader.get(f"{PATH}/report?month=2026-10").text
    assert "2026-11" in leader.get(f"{PATH}/report?month=nonsense").text
    assert leader.get(f"{PATH}/99").status_code == 404


def test_automation_goes_on_only_with_a_cause(services: Services) -> None:
    make_people(services)
    incident = make_incident(services)
    with services.transaction() as session:
        halt = Halt(incident_id=incident.id, invariant="state", told="x", at=services.now())
        session.add(halt)
    keeper = flask_client(services, "system_admin")
    assert incident.number in keeper.get("/system").text
    assert keeper.post(f"/system/halts/{halt.id}/lift", data={"how": ""}).status_code == 422
    assert keeper.post(f"/system/halts/{halt.id}/lift", data={"how": "已查明"}).status_code == 303
    assert incident.number not in keeper.get("/system").text
