"""Directors write scenarios in the page: nothing typed is lost, and nothing half-done is played."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select
from werkzeug.test import TestResponse

from drills import app as application
from drills import library, participants, runs
from drills.models import WrittenScenario
from drills.scenario.files import shipped
from drills.writing import drafts, parts
from incident.errors import NotFound
from incident.models import Entry, Incident, User
from incident.services import Services
from tests.support.databases import SqliteDatabases
from tests.support.desk import (
    desk_database,
    make_incident,
    make_people,
    make_person,
    open_services,
)
from tests.support.running import session_cookie
from workflows.lifecycle import Role, State

BASE = "school-canteen-salmonella"
HERE = "/drills/scenarios/written/mine"


@pytest.fixture
def desk(tmp_path: Path, prepared_files: Path) -> Iterator[Services]:
    databases = SqliteDatabases(tmp_path, prepared_files)
    with open_services(desk_database(databases), tmp_path / "desk") as services:
        make_people(services)
        yield services


@pytest.fixture
def director(desk: Services) -> FlaskClient:
    app = application.make_app(desk)
    app.config.update(WTF_CSRF_METHODS=(), RATELIMIT_ENABLED=False)
    client = app.test_client()
    client.set_cookie(*session_cookie(desk, Role.DIRECTOR))
    return client


@pytest.fixture
def copied(director: FlaskClient) -> FlaskClient:
    """A director with a draft of his own."""
    assert begin(director, way="copy", base=BASE).status_code == 303
    return director


def begin(director: FlaskClient, **fields: object) -> TestResponse:
    return director.post("/drills/scenarios/new", data={"name": "mine", **fields})


def row(desk: Services, name: str = "mine") -> WrittenScenario:
    with desk.reading() as session:
        return drafts.find(session, name)


def content(desk: Services) -> parts.Content:
    found = parts.content(row(desk).text)
    assert found is not None
    return found


def item(desk: Services, section: str, place: int) -> dict[str, object]:
    """Return what the form of an item carries along."""
    held = parts.items(content(desk), section)[place]
    return {"version": row(desk).version, "was": parts.mark(held), "do": "save"}


OBJECTIVE = {"id": "reporting", "text": "报得快", "weight": "25", "item": "reporting"}


@pytest.mark.parametrize(
    "fields",
    [
        {"way": "empty", "title": "空白", "kind": "food"},
        {"way": "copy", "base": BASE},
        {"way": "outbreak", "places": "wedding", "agent": "salmonella", "seed": "3"},
        {"way": "batch", "product": "infusion", "batch-seed": "3"},
    ],
    ids=lambda one: one["way"],
)
def test_a_draft_begins_without_a_problem(
    desk: Services, director: FlaskClient, fields: dict[str, str]
) -> None:
    page = begin(director, **fields)

    assert page.status_code == 303, page.text
    checked = drafts.check("mine", row(desk).text, desk.rules.library)
    assert checked.problems == ()


def test_a_name_that_is_taken_or_none_is_refused_and_what_was_typed_stays(
    director: FlaskClient,
) -> None:
    for name in (BASE, "new", "Not A Name", ""):
        page = director.post(
            "/drills/scenarios/new",
            data={"way": "empty", "name": name, "title": "我的题目", "kind": "food"},
        )
        assert page.status_code == 422
        assert "我的题目" in page.text


def test_a_draft_is_not_played_before_a_director_declared_it_ready(
    desk: Services, copied: FlaskClient
) -> None:
    with desk.reading() as session, pytest.raises(NotFound):
        library.find(session, "mine")
    assert "审定可用" in copied.get(f"{HERE}/ready").text

    copied.post(f"{HERE}/ready", data={"version": row(desk).version})

    with desk.reading() as session:
        assert library.find(session, "mine").title == shipped()[BASE].title
        types = set(session.scalars(select(Entry.type)))
    assert {"scenario_begun", "scenario_ready"} <= types


def test_what_has_problems_does_not_get_ready(desk: Services, copied: FlaskClient) -> None:
    data = {**item(desk, "objectives", 0), **OBJECTIVE, "weight": "30"}
    copied.post(f"{HERE}/objectives/0", data=data)

    page = copied.post(f"{HERE}/ready", data={"version": row(desk).version})

    assert page.status_code == 409
    assert row(desk).ready_at is None
    assert "各目标权重合计 105" in copied.get(HERE).text


def test_what_is_wrong_is_kept_and_said_beside_its_field(
    desk: Services, copied: FlaskClient
) -> None:
    data = {**item(desk, "objectives", 0), **OBJECTIVE, "id": "Not An Id"}
    page = copied.post(f"{HERE}/objectives/0", data=data, follow_redirects=True)

    assert content(desk)["objectives"][0]["id"] == "Not An Id"
    assert 'id="f-id-error"' in page.text
    assert "Not An Id" in page.text


def test_a_change_takes_the_readiness_back(desk: Services, copied: FlaskClient) -> None:
    copied.post(f"{HERE}/ready", data={"version": row(desk).version})
    assert row(desk).ready_at is not None

    copied.post(f"{HERE}/objectives/0", data={**item(desk, "objectives", 0), **OBJECTIVE})

    assert row(desk).ready_at is None


def test_of_two_who_save_the_second_loses_nothing(desk: Services, copied: FlaskClient) -> None:
    data = item(desk, "objectives", 0)
    copied.post(f"{HERE}/objectives/0", data={**data, **OBJECTIVE, "text": "先到的"})

    late = copied.post(f"{HERE}/objectives/0", data={**data, **OBJECTIVE, "text": "后到的"})

    assert late.status_code == 409
    assert "后到的" in late.text
    assert content(desk)["objectives"][0]["text"] == "先到的"


def test_the_whole_text_of_the_second_is_not_lost_either(
    desk: Services, copied: FlaskClient
) -> None:
    version = row(desk).version
    copied.post(f"{HERE}/text", data={"version": version, "text": "id: mine\n"})

    late = copied.post(f"{HERE}/text", data={"version": version, "text": "id: mine # 后到的\n"})

    assert late.status_code == 409
    assert "后到的" in late.text


def test_text_that_is_no_yaml_is_kept_with_its_line(desk: Services, copied: FlaskClient) -> None:
    typed = "id: mine\ntitle: [\n"
    page = copied.post(
        f"{HERE}/text", data={"version": row(desk).version, "text": typed}, follow_redirects=True
    )

    assert row(desk).text == typed
    assert "文本格式不对" in page.text
    assert copied.get(HERE).status_code == 200
    assert copied.get(f"{HERE}/injects/0").status_code == 404


def test_a_condition_is_chosen_by_kind(desk: Services, copied: FlaskClient) -> None:
    data = {
        **item(desk, "expectations", 0),
        "id": "verified",
        "text": "核实",
        "objective": "grading",
        "within": "0:40",
        "when.joint": "all",
        "when.0.kind": "state",
        "when.0.state": "responding",
        "when.1.kind": "at_least",
        "when.1.fact": "ill",
        "when.1.at_least": "100",
    }
    copied.post(f"{HERE}/expectations/0", data=data)

    saved = content(desk)["expectations"][0]
    assert saved["when"] == {"all": [{"state": "responding"}, {"fact": "ill", "at_least": 100}]}
    assert saved["within"] == "40m"


def test_another_kind_shows_its_fields_and_saves_nothing(
    desk: Services, copied: FlaskClient
) -> None:
    before = row(desk).text
    data = {**item(desk, "expectations", 0), "text": "甲乙丙", "when.0.kind": "clock"}
    page = copied.post(f"{HERE}/expectations/0", data={**data, "do": "again"})

    assert 'name="when.0.clock"' in page.text
    assert "甲乙丙" in page.text
    assert row(desk).text == before


def test_a_report_is_filled_in_without_yaml(desk: Services, copied: FlaskClient) -> None:
    data = {
        "version": row(desk).version,
        "id": "second-call",
        "segment": "main",
        "via": "hospital_update",
        "sender": "示例医院",
        "at": "T+0:20",
        "report.source": "hospital",
        "report.place.division": "999901",
        "report.counts.ill": "50",
        "report.symptoms": "呕吐 腹泻",
        "report.report_type": "progress",
    }
    copied.post(f"{HERE}/injects/new", data=data)

    saved = content(desk)["injects"][-1]
    assert saved["at"] == "20m"
    assert saved["report"]["kind"] == "food"
    assert saved["report"]["counts"] == {"ill": 50}
    assert saved["report"]["symptoms"] == ["呕吐", "腹泻"]


def test_an_item_is_deleted_after_a_second_look(desk: Services, copied: FlaskClient) -> None:
    data = item(desk, "cast", 0)
    count = len(content(desk)["cast"])
    page = copied.post(f"{HERE}/cast/0", data={**data, "do": "remove"})
    assert "remove-for-good" in page.text
    assert len(content(desk)["cast"]) == count

    copied.post(f"{HERE}/cast/0", data={**data, "do": "remove-for-good"})

    assert len(content(desk)["cast"]) == count - 1


def test_a_workbook_comes_in_whole_or_not_at_all(desk: Services, copied: FlaskClient) -> None:
    sheet = copied.get("/drills/scenarios/mine/events.xlsx").data
    book = load_workbook(io.BytesIO(sheet))
    page = book.worksheets[0]
    row_of = next(cell.row for cell in page["A"] if cell.value == "leader-asks")
    page.cell(row=row_of, column=3).value = "soon"
    changed = io.BytesIO()
    book.save(changed)
    before = row(desk).text

    refused = copied.post(
        f"{HERE}/sheet",
        data={"version": row(desk).version, "file": (io.BytesIO(changed.getvalue()), "a.xlsx")},
    )

    assert refused.status_code == 422
    assert f"第 {row_of} 行" in refused.text
    assert row(desk).text == before
    taken = copied.post(
        f"{HERE}/sheet", data={"version": row(desk).version, "file": (io.BytesIO(sheet), "a.xlsx")}
    )
    assert taken.status_code == 303


def test_a_withdrawn_one_is_prepared_no_more_and_its_drills_go_on(
    desk: Services, copied: FlaskClient
) -> None:
    copied.post(f"{HERE}/ready", data={"version": row(desk).version})
    with desk.reading() as session:
        run = runs.prepare(desk, library.find(session, "mine"))

    copied.post(f"{HERE}/withdraw", data={"version": row(desk).version})

    assert copied.get("/drills/scenarios/mine").status_code == 404
    assert copied.get(f"/drills/{run.key}").status_code == 200
    assert copied.post(f"{HERE}/text", data={"version": 9, "text": "x"}).status_code == 409


def test_an_incident_becomes_a_draft_by_a_button(desk: Services, director: FlaskClient) -> None:
    incident = make_incident(desk, unit={"name": "某某小学"})
    assert begin(director, way="incident", incident=incident.number).status_code == 409
    with desk.transaction() as session:
        found = session.get(Incident, incident.id)
        assert found is not None
        found.state = State.CLOSED
    assert "某某小学" not in director.get("/drills/scenarios/new").text

    made = begin(director, way="incident", incident=incident.number)

    assert made.status_code == 303
    assert row(desk).incident == incident.number
    assert row(desk).ready_at is None
    assert "某某小学" not in row(desk).text


def test_the_page_of_a_closed_incident_leads_a_director_of_the_desk_to_it(
    desk: Services, director: FlaskClient
) -> None:
    incident = make_incident(desk, state=State.CLOSED)
    make_person(desk, "both", Role.DUTY_LEADER, Role.DIRECTOR)
    way = f"/drills/scenarios/new?incident={incident.number}"
    room = f"/incidents/{incident.number}"
    assert f'value="{incident.number}" checked' in director.get(way).text
    assert director.get(room).status_code == 404  # who only directs drills sees nothing real

    for account, is_led in (("both", True), ("duty_leader", False)):
        director.set_cookie(*session_cookie(desk, account))
        assert (way in director.get(room).text) is is_led


def test_who_plays_the_scenario_sees_nothing_of_it(desk: Services, copied: FlaskClient) -> None:
    run = runs.prepare(desk, shipped()[BASE].model_copy(update={"id": "mine"}))
    with desk.transaction() as session:
        user = session.scalars(select(User).where(User.name == Role.DIRECTOR)).one()
        held = runs.hold(session, run.key)
        participants.enrol(session, held, user, "player", part="duty")

    for address in (HERE, f"{HERE}/text", "/drills/scenarios/mine/scenario.yaml"):
        assert copied.get(address).status_code == 403
