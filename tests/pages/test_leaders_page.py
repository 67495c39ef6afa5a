"""The leaders' page: one incident a screen, light, by one thumb, without scripts."""

import re

import pytest
from flask.testing import FlaskClient

from incident.models import Incident
from incident.services import Services
from templates import ROOT
from tests.support.desk import act, make_incident, make_people
from tests.support.reaching import called
from tests.support.running import flask_client
from tests.support.steps import entries

FIRST_LOAD = 60_000
URGENT = "urgent"


def client(services: Services, account: str) -> FlaskClient:
    make_people(services)
    return flask_client(services, account)


def page(services: Services, account: str = "leader", path: str = "/m") -> str:
    answer = client(services, account).get(path)
    assert answer.status_code == 200, answer.text[:300]
    return answer.text


def press(services: Services, account: str, number: str, what: str, **form: str) -> str:
    answer = client(services, account).post(f"/m/{number}/{what}", data=form, follow_redirects=True)
    return answer.text


def told(services: Services, incident: Incident) -> list[str]:
    return [entry.type for entry in entries(services, incident)]


def version(text: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', text)
    assert found
    return found[1]


def test_it_says_what_is_known_and_what_is_not(services: Services) -> None:
    make_incident(services, counts={"ill": 40, "deaths": 0})
    text = page(services)
    figures = re.findall(r"<dt>(发病|重症|死亡)</dt><dd>(?:<[^>]+>)?([^<]+)", text)

    assert figures == [("发病", "40"), ("重症", "不详"), ("死亡", "0")]
    assert "待定级" in text
    assert "西湖区" in text
    assert "tel:+86100000000001" in text


def test_a_first_load_is_light_and_asks_for_no_script(services: Services) -> None:
    for _ in range(3):
        make_incident(services, state="responding", unit={"name": "特" * 100})
    text = page(services)
    sheets = re.findall(r'href="/static/([^"?]+)', text)
    weight = len(text.encode()) + sum((ROOT / "static" / name).stat().st_size for name in sheets)

    assert "<script" not in text
    assert weight < FIRST_LOAD / 2, weight


def test_one_incident_stands_on_a_screen_and_leads_to_the_next(services: Services) -> None:
    first, second = make_incident(services), make_incident(services)
    drill = make_incident(services, drill="D1")
    text = page(services)
    order = [
        n
        for n in (first.number, second.number, drill.number)
        if f'· <span class="nowrap">{n}' in text
    ]

    assert len(order) == 1
    assert "1/3" in text
    third = page(services, path=f"/m/{drill.number}")
    assert "3/3" in third
    assert "【演练】" in third


def test_seen_is_written_once(services: Services) -> None:
    incident = make_incident(services)
    assert "您已阅" in press(services, "leader", incident.number, "read")
    press(services, "leader", incident.number, "read")

    assert told(services, incident).count("read") == 1


def test_a_tap_gives_a_numbered_instruction(services: Services) -> None:
    incident = make_incident(services)
    text = press(
        services, "leader", incident.number, "instruct", preset="come", owner="group_member"
    )

    assert "请工作组成员到场" in text
    assert "DB20261123-001" in text
    assert told(services, incident)[-1] == "instruct"


def test_an_empty_instruction_is_refused_and_what_was_typed_stays(services: Services) -> None:
    incident = make_incident(services)
    long = "今" * 220
    answer = client(services, "leader").post(f"/m/{incident.number}/instruct", data={"text": long})
    nothing = client(services, "leader").post(f"/m/{incident.number}/instruct", data={})

    assert (answer.status_code, nothing.status_code) == (422, 422)
    assert long in answer.text


def test_a_proposal_is_approved_in_three_taps_with_its_effects_seen(services: Services) -> None:
    incident = make_incident(services, state="grading")
    officer = make_people(services)["duty_officer"]
    act(services, incident, "propose_grade", officer, grade="II", reason="人数还在增加")
    first = page(services, "commander")
    assert "待您核准" in first
    assert "人数还在增加" in first
    look = press(services, "commander", incident.number, "approve", version=version(first))
    assert "核准为" in look
    seen = {"version": version(look), "step": "do"}
    lacking = press(services, "commander", incident.number, "approve", **seen)
    assert 'role="alert"' in lacking
    done = press(services, "commander", incident.number, "approve", advice=URGENT, **seen)

    assert "Ⅱ" in done
    assert told(services, incident)[-1] == "approve_grade"
    assert "情况紧急" in entries(services, incident)[-1].text


def test_nobody_is_offered_his_own_proposal(services: Services) -> None:
    incident = make_incident(services, state="grading")
    everybody = make_people(services)
    act(services, incident, "propose_grade", everybody["duty_officer"], grade="II", reason="增加")

    assert "待您核准" not in page(services, "leader")
    assert "待您核准" not in page(services, "duty_leader")
    answer = client(services, "leader").post(f"/m/{incident.number}/approve", data={"step": "do"})
    assert answer.status_code == 409


def test_a_proposal_is_sent_back_with_what_it_lacks(services: Services) -> None:
    incident = make_incident(services, state="grading")
    officer = make_people(services)["duty_officer"]
    act(services, incident, "propose_grade", officer, grade="II", reason="增加")
    shown = page(services, "commander")
    form = {"version": version(shown), "preset": "ask_experts"}
    text = press(services, "commander", incident.number, "return", **form)

    assert "待您核准" not in text
    assert "请先征求专家意见" in text
    assert told(services, incident)[-1] == "instruct"


def test_a_dismissal_waits_for_the_duty_leader(services: Services) -> None:
    incident = make_incident(services)
    act(services, incident, "dismiss", make_people(services)["duty_officer"], reason="误报")
    shown = page(services, "duty_leader")
    assert "待您核准：排除" in shown
    press(services, "duty_leader", incident.number, "return", preset="verify_first")
    assert "待您核准" not in page(services, "duty_leader")
    act(services, incident, "dismiss", make_people(services)["duty_officer"], reason="确属误报")
    shown = page(services, "duty_leader")
    look = press(services, "duty_leader", incident.number, "approve", version=version(shown))
    form = {"version": version(look), "step": "do"}
    press(services, "duty_leader", incident.number, "approve", **form)

    assert told(services, incident).count("dismiss") == 1


def test_a_stale_approval_is_told_so(services: Services) -> None:
    incident = make_incident(services, state="grading")
    officer = make_people(services)["duty_officer"]
    act(services, incident, "propose_grade", officer, grade="III", reason="按标准")
    shown = page(services, "commander")
    act(services, incident, "propose_grade", officer, grade="II", reason="又增加")
    answer = client(services, "commander").post(
        f"/m/{incident.number}/approve",
        data={"version": version(shown), "step": "do", "advice": URGENT},
    )

    assert answer.status_code == 412
    assert "又增加" in answer.text


@pytest.mark.parametrize("account", ["duty_officer", "group_member", "expert", "auditor"])
def test_it_is_for_leaders(desk: Services, account: str) -> None:
    assert client(desk, account).get("/m").status_code == 403


def test_without_an_incident_it_says_so_and_rings_the_duty_room(desk: Services) -> None:
    text = page(desk)

    assert "没有进行中的事件" in text
    assert "tel:+86100000000001" in text


def test_it_speaks_english(desk: Services) -> None:
    make_incident(desk, state="responding")
    english = client(desk, "leader")
    english.set_cookie("language", "en")
    text = english.get("/m").text

    assert "Call the duty room" in text
    assert not re.findall(r">\s*[\u4e00-\u9fff]+\s*</(?:button|h2|dt|label)>", text)


def test_a_leader_who_is_called_answers_by_one_tap(services: Services) -> None:
    incident = make_incident(services)
    assert "您被通知，请答复" in page(services, "duty_leader")
    press(services, "duty_leader", incident.number, "answer", answer="under_way")
    person = called(services, incident, "带班领导")

    assert (person.answer, person.answered_by) == ("under_way", "page")
    assert person.read_at == services.now()
    assert "您被通知" not in page(services, "duty_leader")
    answer = client(services, "duty_leader").post(
        f"/m/{incident.number}/answer", data={"answer": "perhaps"}
    )
    assert answer.status_code == 404
