"""Before a drill: two presses to a running one; people, readiness and the second look."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from drills import participants
from drills.models import DrillRun, Participant
from incident.models import User
from incident.services import Services
from tests.support.desk import make_people
from tests.support.drills import CANTEEN, As, clients, prepare_run, run_of
from workflows.lifecycle import Role

SCENARIO = f"/drills/scenarios/{CANTEEN}"
REAL = "+8613912345678"


@pytest.fixture
def by(desk: Services) -> As:
    make_people(desk)
    return clients(desk)


@pytest.fixture
def director(by: As) -> FlaskClient:
    return by("director")


def only_run(desk: Services) -> DrillRun:
    with desk.reading() as session:
        return session.scalars(select(DrillRun)).one()


def prepare(client: FlaskClient, **form: str) -> str:
    usual = {"speed": "12", "segments": "all", "then": "prepare"}
    return client.post(SCENARIO, data={**usual, **form}).headers["Location"]


def members(desk: Services, run: DrillRun) -> dict[str, str]:
    with desk.reading() as session:
        found = participants.of_run(session, run)
        return {one.user.name: one.row.plays for one in found}


def test_two_presses_lead_from_the_list_to_a_running_drill(
    desk: Services, director: FlaskClient
) -> None:
    assert SCENARIO in director.get("/drills").text
    assert 'value="begin"' in director.get(SCENARIO).text

    form = {"speed": "12", "segments": "all", "colleagues": "1", "then": "begin"}
    answer = director.post(SCENARIO, data=form)

    run = only_run(desk)
    assert answer.location == f"/drills/{run.key}"
    assert (run.started_at is not None, run.colleagues, run.speed) == (True, True, 12)


def test_a_prepared_drill_waits_for_its_beginning(desk: Services, director: FlaskClient) -> None:
    address = prepare(director)

    run = only_run(desk)
    assert run.started_at is None
    page = director.get(address).text
    for words in ("就绪情况", "参演人员", "值班员", "开始演练"):
        assert words in page


def test_what_is_not_ready_asks_for_a_second_look_and_forbids_nothing(
    desk: Services, director: FlaskClient
) -> None:
    prepare(director)
    key = only_run(desk).key

    page = director.post(f"/drills/{key}/begin")
    assert "仍然开始演练" in page.text
    assert only_run(desk).started_at is None

    director.post(f"/drills/{key}/begin", data={"seen": "1"})
    assert only_run(desk).started_at is not None


def test_a_drill_is_begun_once(desk: Services, director: FlaskClient) -> None:
    prepare(director)
    key = only_run(desk).key
    director.post(f"/drills/{key}/begin", data={"seen": "1"})

    answer = director.post(f"/drills/{key}/begin", data={"seen": "1"})

    assert (answer.status_code, "已经开始过" in answer.text) == (409, True)


def test_a_segment_that_is_marked_so_is_played_alone(desk: Services, director: FlaskClient) -> None:
    prepare(director, segments="main")

    assert only_run(desk).segments == ["main"]


@pytest.mark.parametrize("wrong", [{"segments": "full"}, {"segments": "none"}, {"speed": "x"}])
def test_what_cannot_be_prepared_is_asked_for_again(
    desk: Services, director: FlaskClient, wrong: dict[str, str]
) -> None:
    usual = {"speed": "12", "segments": "all", "then": "prepare"}

    assert director.post(SCENARIO, data={**usual, **wrong}).status_code == 422
    with desk.reading() as session:
        assert session.scalars(select(DrillRun)).all() == []


def test_people_come_and_go(desk: Services, director: FlaskClient) -> None:
    run = prepare_run(desk, make_people(desk)[Role.DIRECTOR])
    with desk.reading() as session:
        chair = select(Participant).where(Participant.part == "chair")
        row = session.scalars(chair).one()

    director.post(f"/drills/{run.key}/participants/{row.id}/drop")
    assert "chair" not in members(desk, run)

    form = {"user": "chair", "part": "chair", "team": "甲队"}
    director.post(f"/drills/{run.key}/participants", data=form)
    assert members(desk, run)["chair"] == "player"
    assert "甲队" in director.get(f"/drills/{run.key}/prepare").text
    assert director.post(f"/drills/{run.key}/participants/999/drop").status_code == 404


def test_a_real_telephone_is_refused_with_the_reason_and_what_to_do(
    desk: Services, director: FlaskClient
) -> None:
    with desk.transaction() as session:
        session.scalars(select(User).where(User.name == "duty_officer")).one().phone = REAL
    run = prepare_run(desk, make_people(desk)[Role.DIRECTOR])
    form = {"user": "duty_officer", "part": "duty"}

    refused = director.post(f"/drills/{run.key}/participants", data=form)

    assert refused.status_code == 422
    assert "电话或邮箱是真实的" in refused.text
    assert REAL[-8:] not in refused.text
    assert "duty_officer" not in members(desk, run)
    director.post(f"/drills/{run.key}/participants", data={**form, "with_real": "1"})
    page = director.get(f"/drills/{run.key}/prepare").text
    assert members(desk, run)["duty_officer"] == "player"
    assert "真实号码，不发通知" in page
    assert REAL[-8:] not in page


def test_a_preparation_can_be_given_up(desk: Services, director: FlaskClient) -> None:
    run = prepare_run(desk, make_people(desk)[Role.DIRECTOR])

    director.post(f"/drills/{run.key}/cancel")

    assert run_of(desk, run.key).ended_at is not None
    assert director.post(f"/drills/{run.key}/begin", data={"seen": "1"}).status_code == 409


def test_the_list_says_what_goes_on_what_waits_and_what_is_over(
    desk: Services, director: FlaskClient
) -> None:
    prepare_run(desk, make_people(desk)[Role.DIRECTOR])

    page = director.get("/drills").text

    assert "已准备，待开始" in page
    assert "没有进行中的演练" in page
    assert "目标：" in page


def test_who_has_the_role_of_an_empty_part_takes_it_himself(desk: Services, by: As) -> None:
    run = prepare_run(desk, make_people(desk)[Role.DIRECTOR], colleagues=True)
    officer = by("duty_officer")

    answer = officer.post(f"/drills/{run.key}/join/duty")

    assert answer.location == f"/drills/{run.key}/inbox"
    assert members(desk, run)["duty_officer"] == "player"
    assert officer.post(f"/drills/{run.key}/join/duty").status_code == 403
    assert by("expert").post(f"/drills/{run.key}/join/command").status_code == 403
