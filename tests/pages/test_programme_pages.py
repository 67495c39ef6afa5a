"""The yearly programme in the page, and the handbooks of a drill for those who may read them."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from drills import app as application
from drills import participants, runs
from drills.scenario.files import shipped
from incident.models import User
from incident.services import Services
from tests.support.databases import SqliteDatabases
from tests.support.desk import desk_database, make_people, open_services
from tests.support.running import session_cookie

As = Callable[[str], FlaskClient]
PLANNED = {
    "title": "学校食堂桌面推演",
    "office": "示例局",
    "planned_on": "2026-12-15",
    "duty": "national-plans",
}


@pytest.fixture
def desk(tmp_path: Path, prepared_files: Path) -> Iterator[Services]:
    databases = SqliteDatabases(tmp_path, prepared_files)
    with open_services(desk_database(databases), tmp_path / "desk") as services:
        make_people(services)
        yield services


@pytest.fixture
def by(desk: Services) -> As:
    app = application.make_app(desk)
    app.config.update(WTF_CSRF_METHODS=(), RATELIMIT_ENABLED=False)

    def client(account: str) -> FlaskClient:
        made = app.test_client()
        made.set_cookie(*session_cookie(desk, account))
        return made

    return client


def test_a_director_plans_a_drill_and_tells_it_held(by: As) -> None:
    director = by("director")
    director.post("/drills/programme", data=PLANNED)
    assert "已计划 2026-12-15" in director.get("/drills/programme").text

    done = director.post("/drills/programme/1/done", data={"done_on": "2026-11-20"})

    assert done.status_code == 303
    page = director.get("/drills/programme").text
    assert "2029-11-20" in page
    assert "已完成" in page


def test_what_is_wrong_in_a_plan_is_said_and_kept(by: As) -> None:
    page = by("director").post("/drills/programme", data={**PLANNED, "planned_on": "bald"})

    assert page.status_code == 422
    assert "学校食堂桌面推演" in page.text
    assert "f-planned_on-error" in page.text


def test_the_others_read_the_programme_only(by: As) -> None:
    observer = by("observer")

    page = observer.get("/drills/programme")

    assert page.status_code == 200
    assert "f-planned_on" not in page.text
    assert "不详" in page.text
    assert observer.post("/drills/programme", data=PLANNED).status_code == 403


def test_the_programme_goes_out_as_a_sheet(by: As) -> None:
    director = by("director")
    director.post("/drills/programme", data=PLANNED)
    director.post("/drills/programme/1/drop")

    sheet = load_workbook(io.BytesIO(director.get("/drills/programme.xlsx?year=2026").data))

    rows = list(sheet.worksheets[0].iter_rows(min_row=3, values_only=True))
    assert rows[0][:3] == ("2026-12-15", "学校食堂桌面推演", "示例局")
    assert "已取消" in rows[0]


def test_players_read_the_briefing_and_never_the_handbook(desk: Services, by: As) -> None:
    run = runs.prepare(desk, shipped()["school-canteen-salmonella"])
    with desk.transaction() as session:
        held = runs.hold(session, run.key)
        for name in ("duty_officer", "evaluator"):
            user = session.query(User).filter_by(name=name).one()
            participants.enrol(session, held, user, "player", part="duty")

    answers = {
        name: tuple(
            by(name).get(f"/drills/{run.key}/{paper}.pdf").status_code
            for paper in ("briefing", "handbook")
        )
        for name in ("duty_officer", "evaluator", "director", "commander")
    }

    assert answers == {
        "duty_officer": (200, 403),
        "evaluator": (200, 403),
        "director": (200, 200),
        "commander": (403, 403),
    }


def test_a_handbook_bears_the_mark_in_its_name(desk: Services, by: As) -> None:
    run = runs.prepare(desk, shipped()["school-canteen-salmonella"])

    paper = by("director").get(f"/drills/{run.key}/briefing.pdf")

    assert paper.data.startswith(b"%PDF")
    assert "%E3%80%90%E6%BC%94%E7%BB%83%E3%80%91" in paper.headers["Content-Disposition"]
