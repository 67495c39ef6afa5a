"""Drills on pages: a director starts, holds and ends them; the others look on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from drills import app as application
from drills import player, runs
from drills.models import DrillRun
from incident.operations import pace
from incident.services import Services
from tests.support.databases import SqliteDatabases
from tests.support.desk import desk_database, make_people, make_services
from tests.support.running import session_cookie

SCENARIO = "/drills/scenarios/school-canteen-salmonella"
As = Callable[[str], FlaskClient]


@pytest.fixture
def desk(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[Services]:
    services = make_services(desk_database(sqlite_databases), tmp_path / "desk")
    make_people(services)
    yield services
    services.engine.dispose()


@pytest.fixture
def by(desk: Services) -> As:
    def client(account: str) -> FlaskClient:
        app = application.make_app(desk)
        app.config["WTF_CSRF_METHODS"] = ()
        made = app.test_client()
        made.set_cookie(*session_cookie(desk, account))
        return made

    return client


def run(desk: Services) -> DrillRun:
    with desk.reading() as session:
        return session.scalars(select(DrillRun)).one()


def state(desk: Services) -> str:
    with desk.reading() as session:
        found = session.scalars(select(DrillRun)).one()
        return runs.state(found, pace.of(session, found.key))


def start(client: FlaskClient, speed: str = "4") -> str:
    return client.post(SCENARIO, data={"speed": speed}).headers["Location"]


def test_a_director_starts_a_drill_at_a_speed(desk: Services, by: As) -> None:
    address = start(by("director"), "10")

    assert run(desk).speed == 10
    assert address == f"/drills/{run(desk).key}"


@pytest.mark.parametrize("speed", ["0", "-1", "1000", "fast", "", "nan", "inf"])
def test_a_speed_that_is_none_is_refused(desk: Services, by: As, speed: str) -> None:
    answer = by("director").post(SCENARIO, data={"speed": speed})

    assert answer.status_code == 422
    assert "f-speed-error" in answer.text
    with desk.reading() as session:
        assert session.scalars(select(DrillRun)).all() == []


@pytest.mark.parametrize("role", ["evaluator", "observer"])
def test_the_others_look_on(desk: Services, by: As, role: str) -> None:
    address = start(by("director"))
    player.play_due(desk)
    onlooker = by(role)

    page = onlooker.get(address)

    assert page.status_code == 200
    assert "YL-SP20261123-001" in page.text
    assert "/pause" not in page.text
    for step in ("pause", "resume", "end"):
        assert onlooker.post(f"{address}/{step}").status_code == 403
    assert onlooker.post(SCENARIO, data={"speed": "4"}).status_code == 403


def test_a_director_holds_a_drill_back_and_ends_it(desk: Services, by: As) -> None:
    director = by("director")
    address = start(director)

    director.post(f"{address}/pause")
    assert state(desk) == "paused"
    assert director.post(f"{address}/pause").status_code == 409
    director.post(f"{address}/resume")
    assert state(desk) == "running"
    director.post(f"{address}/end")
    assert run(desk).ended_at is not None
    assert f"{address}/resume" not in director.get(address).text


def test_the_page_of_a_drill_cannot_be_mistaken(by: As) -> None:
    director = by("director")

    page = director.get(start(director)).text

    assert 'class="in-drill"' in page
    assert "<title>【演练】" in page


def test_a_drill_without_a_kept_scenario_is_still_shown(desk: Services, by: As) -> None:
    director = by("director")
    address = start(director)
    with desk.transaction() as session:
        session.scalars(select(DrillRun)).one().content = {}

    assert director.get(address).status_code == 200
    assert director.get("/drills").status_code == 200


def test_what_is_not_there_is_not_found(by: As) -> None:
    director = by("director")

    assert director.get("/drills/YL-none").status_code == 404
    assert director.get("/drills/scenarios/none").status_code == 404
    assert director.post("/drills/YL-none/pause").status_code == 404
