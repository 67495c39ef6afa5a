"""One incident from the first report to the archive, by nothing but the API."""

from datetime import timedelta
from io import BytesIO

from incident.services import Services
from tests.api.conftest import Callers
from tests.support.desk import PASSWORD, raw_report

REVIEW = {"course": "经过", "well": "响应及时", "not_well": "采样偏晚"}


def test_an_incident_is_carried_from_report_to_archive(services: Services, caller: Callers) -> None:
    officer, leader, commander = (
        caller(role) for role in ("duty_officer", "duty_leader", "commander")
    )
    expert, chair, member = (caller(role) for role in ("expert", "chair", "group_member"))
    soon = (services.now() + timedelta(hours=2)).isoformat()

    number = officer.post("/reports", raw_report()).get_json()["incident"]["number"]
    assert officer.act(number, "verify", conclusion="属实").get_json()["state"] == "grading"

    asked = {"kind": "food", "facts": {"ill": 40, "severe": 2, "deaths": 0}}
    verdict = officer.post("/grading/preview", asked).get_json()
    assert verdict["grade"] == "IV"
    assert {"grade", "missing"} <= set(verdict["next"][0])
    proposed = officer.act(number, "propose_grade", grade="III", reason="学校集体就餐")
    assert proposed.get_json()["proposal"]["grade"] == "III"
    approved = commander.act(
        number, "approve_grade", grade="III", criterion="预案标准", expert_advice="同意"
    )
    assert approved.get_json()["grade"] == "III"

    activated = commander.act(
        number,
        "activate",
        matters="处置",
        level="III",
        expected_until=soon,
        measures="救治、封存",
    )
    assert activated.get_json()["state"] == "responding"
    told = officer.get(f"/incidents/{number}/messages").get_json()["items"]
    assert told
    assert all(message["state"] == "queued" for message in told)
    assert all("****" in message["to"] for message in told)

    task = officer.get(f"/incidents/{number}/tasks").get_json()["items"][0]
    form = {"file": (BytesIO("采样记录".encode()), "采样 记录.txt")}
    file = member.post(f"/incidents/{number}/attachments", data=form).get_json()
    change = {"status": "done", "owner": "group_member", "evidence": [file["id"]]}
    done = member.patch(f"/incidents/{number}/tasks/{task['id']}", change).get_json()
    assert (done["status"], done["evidence"]) == ("done", [file["id"]])

    draft = officer.post(f"/incidents/{number}/briefings", {"kind": "initial"})
    assert draft.status_code == 201
    path = f"/incidents/{number}/briefings/{draft.get_json()['id']}"
    issued = leader.post(f"{path}/issue", {"seen": draft.get_json()["fingerprint"]}).get_json()
    assert issued["status"] == "issued"
    assert issued["number"]
    waiting = officer.get(f"/briefings/{issued['id']}.pdf")
    assert (waiting.status_code, waiting.get_json()["code"]) == (409, "not-printed")

    version = commander.get(f"/incidents/{number}").get_json()["version"]
    question = {"question": "致病因素？", "experts": ["expert"], "evidence": [file["id"]]}
    convened = commander.post(
        f"/incidents/{number}/consultations",
        {**question, "due_at": soon},
        headers={"If-Match": f'"{version}"'},
    )
    assert convened.status_code == 201
    path = f"/incidents/{number}/consultations/{convened.get_json()['id']}"
    early = expert.post(f"{path}/opinions", {"confidence": "high", "text": "细菌性"})
    assert (early.status_code, early.get_json()["code"]) == (409, "declare-first")
    assert expert.post(f"{path}/declarations", {"conflict": None}).status_code == 201
    assert officer.get(path).get_json()["opinions"] == []
    given = expert.post(f"{path}/opinions", {"confidence": "high", "text": "细菌性"})
    assert given.get_json()["opinions"][0]["is_mine"]
    fetched = expert.get(f"/incidents/{number}/attachments/{file['id']}")
    assert fetched.data == "采样记录".encode()
    assert "filename*=UTF-8''%E9%87%87%E6%A0%B7%20" in fetched.headers["Content-Disposition"]
    assert fetched.headers["Content-Security-Policy"].startswith("sandbox")
    assert fetched.headers["X-Content-Type-Options"] == "nosniff"

    wrong = chair.act(number, "conclude", conclusion="细菌性", password="no")
    assert wrong.get_json()["errors"][0]["code"] == "password-wrong"
    concluded = chair.act(number, "conclude", conclusion="细菌性食物中毒", password=PASSWORD)
    assert concluded.get_json()["state"] == "disposing"

    clock = next(
        row
        for row in officer.get(f"/incidents/{number}/clocks").get_json()["items"]
        if row["satisfied_at"] is None
    )
    kept = officer.post(f"/incidents/{number}/clocks/{clock['id']}/kept", {"note": "电话已报"})
    assert kept.get_json()["satisfied_how"] == "mark"

    plan = officer.get("/plans/food-CN@2011").get_json()
    findings = {rule["id"]: True for rule in plan["termination"]}
    lacking = commander.act(number, "terminate", findings=dict.fromkeys(findings, None))
    assert (lacking.status_code, lacking.get_json()["code"]) == (422, "termination-not-met")
    ended = commander.act(number, "terminate", findings=findings)
    assert ended.get_json()["state"] == "reviewing"
    decision = {"decision": "destroy", "reason": "处置完毕"}
    closed = leader.act(number, "archive", review=REVIEW, personal_data=decision)
    assert closed.get_json()["state"] == "closed"
    assert closed.get_json()["next_due_at"] is None

    entries = officer.get(f"/incidents/{number}/timeline").get_json()["items"]
    kinds = [entry["type"] for entry in entries]
    assert kinds[0] == "reported"
    assert kinds[-1] == "archive"
    assert len({entry["hash"] for entry in entries}) == len(entries)


def test_events_are_pulled_in_order_with_none_lost_and_none_twice(
    services: Services, caller: Callers
) -> None:
    officer = caller("duty_officer")
    numbers = {
        officer.post("/reports", raw_report()).get_json()["incident"]["number"] for _ in range(3)
    }
    for number in numbers:
        officer.act(number, "note", text="已通知医院")
    seen, after = [], 0
    while True:
        page = officer.get(f"/events?after={after}&limit=2").get_json()
        seen += page["items"]
        assert page["next"] >= after
        after = page["next"]
        if not page["more"]:
            break
    seqs = [event["seq"] for event in seen]
    assert seqs == sorted(set(seqs))
    assert {event["incident"] for event in seen} == numbers
    types = [event["type"] for event in seen]
    assert types == ["reported", "alert_started"] * 3 + ["note"] * 3
    assert officer.get(f"/events?after={after}").get_json() == {
        "items": [],
        "next": after,
        "more": False,
    }


def test_somebody_outside_pulls_only_what_was_told_outside(
    services: Services, caller: Callers
) -> None:
    officer, unit = caller("duty_officer"), caller("reporter")
    officer.post("/reports", raw_report())
    number = unit.post("/reports", raw_report()).get_json()["incident"]["number"]
    officer.act(number, "note", text="内部记录")
    officer.act(number, "verify", conclusion="属实")
    events = unit.get("/events").get_json()["items"]
    assert [(row["incident"], row["type"]) for row in events] == [
        (number, "reported"),
        (number, "verify"),
    ]
    entries = unit.get(f"/incidents/{number}/timeline").get_json()["items"]
    assert "内部记录" not in str(entries)
