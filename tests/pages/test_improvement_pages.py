"""The pages of the improvement ledger: who reads, who enters, who proves, who closes."""

import io

import openpyxl
import pytest
from flask.testing import FlaskClient

from drills.learning import washes
from drills.models import DrillRun
from incident.services import Services
from tests.support.desk import make_incident, make_people
from tests.support.drills import As, clients, prepare_run
from workflows.lifecycle import Role

GIVEN = {
    "weakness": "续报要素不全",
    "remedy": "修订模板",
    "owner": "duty_leader",
    "due_on": "2026-12-31",
}
NUMBER = "GJ-2026-001"
ONE = f"/improvements/{NUMBER}"


@pytest.fixture
def by(desk: Services) -> As:
    make_people(desk)
    return clients(desk)


def enter(client: FlaskClient, **more: str) -> str:
    answer = client.post("/improvements/new", data={**GIVEN, **more})
    assert answer.status_code == 303
    return answer.location


def ended(desk: Services) -> DrillRun:
    director = make_people(desk)[Role.DIRECTOR]
    run = prepare_run(desk, director)
    client = clients(desk)("director")
    client.post(f"/drills/{run.key}/begin")
    client.post(f"/drills/{run.key}/end")
    return run


def test_an_empty_ledger_says_how_it_is_filled(by: As) -> None:
    page = by("expert").get("/improvements").text

    assert "台账还是空的" in page
    assert "/improvements/new" not in page


def test_all_read_the_ledger_and_only_some_enter(by: As) -> None:
    enter(by("plan_keeper"))

    assert NUMBER in by("group_member").get("/improvements").text
    assert by("group_member").get(ONE).status_code == 200
    assert by("group_member").post("/improvements/new", data=GIVEN).status_code == 403
    assert by("auditor").get("/improvements").status_code == 403


def test_a_form_that_is_wrong_keeps_what_was_typed(by: As) -> None:
    answer = by("director").post("/improvements/new", data={**GIVEN, "due_on": "2026-01-01"})

    assert answer.status_code == 422
    assert "续报要素不全" in answer.text
    assert "f-due_on-error" in answer.text


def test_the_owner_proves_and_somebody_else_closes(by: As) -> None:
    enter(by("director"))
    owner = by("duty_leader")
    proof = {"text": "模板已修订", "file": (io.BytesIO("签到表".encode()), "签到表.txt")}
    assert owner.post(f"{ONE}/proof", data=proof).status_code == 303
    assert "自己负责的不能自己销号" in owner.get(ONE).text
    assert owner.post(f"{ONE}/close").status_code == 403

    commander = by("commander")
    file = commander.get(ONE).text.partition(f"{ONE}/files/")[2].partition('"')[0]
    assert commander.get(f"{ONE}/files/{file}").data == "签到表".encode()
    assert commander.post(f"{ONE}/close").status_code == 303
    assert "已销号" in commander.get(ONE).text
    assert commander.post(f"{ONE}/close").status_code == 409


def test_a_proof_is_the_owners_or_of_who_keeps_the_ledger(by: As) -> None:
    enter(by("director"))

    assert by("group_member").post(f"{ONE}/proof", data={"text": "改了"}).status_code == 403
    assert by("commander").post(f"{ONE}/proof", data={}).status_code == 422


def test_a_proof_is_sent_back_with_a_reason(by: As) -> None:
    enter(by("director"))
    by("duty_leader").post(f"{ONE}/proof", data={"text": "改了"})
    commander = by("commander")

    assert commander.post(f"{ONE}/refuse", data={}).status_code == 422
    assert commander.post(f"{ONE}/refuse", data={"reason": "没有签到表"}).status_code == 303
    assert "已退回" in commander.get(ONE).text


def test_an_edition_leads_to_the_items_that_it_answers(by: As) -> None:
    director = by("director")
    enter(director)
    change = {**GIVEN, "edition": "food-CN@2011"}
    del change["weakness"]
    assert director.post(f"{ONE}/change", data=change).status_code == 303

    assert "/improvements?edition=food-CN@2011" in director.get("/plans/food-CN@2011").text
    assert NUMBER in director.get("/improvements?edition=food-CN@2011").text
    assert NUMBER not in director.get("/improvements?edition=food-CN@2099").text


def test_the_spreadsheet_says_what_came_from_a_drill(desk: Services, by: As) -> None:
    run = ended(desk)
    enter(by("director"), drill=run.key, source="expectation:graded", weakness="=1+1")

    content = by("expert").get("/improvements.xlsx").data
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))

    assert rows[2][0] == NUMBER
    assert "=1+1" in rows[2]
    assert f"【演练】{run.key}" in rows[2]


def test_a_comment_of_the_hot_wash_becomes_an_item(desk: Services, by: As) -> None:
    run = ended(desk)
    leader = make_people(desk)[Role.DUTY_LEADER]
    with desk.transaction() as session:
        comment = washes.Comment(text="没人答复领导")
        row = washes.say(session, run.key, "weak", comment, who=leader, now=desk.now())
        session.flush()
        source = f"wash:{row.id}"
    page = f"/drills/{run.key}/wash"
    assert "source=wash:" in by("director").get(page).text
    enter(by("director"), drill=run.key, source=source)

    assert NUMBER in by("director").get(page).text


def test_the_review_of_an_incident_leads_into_the_ledger(desk: Services, by: As) -> None:
    incident = make_incident(desk, state="reviewing")
    way = f"/improvements/new?incident={incident.number}"

    assert way in by("commander").get(f"/incidents/{incident.number}/review").text
    assert way not in by("duty_officer").get(f"/incidents/{incident.number}/review").text
    enter(by("commander"), incident=incident.number)
    assert incident.number in by("commander").get(ONE).text
