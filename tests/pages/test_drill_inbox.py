"""A player's inbox and the simulators' cards: what has come, and what was done about it."""

from datetime import timedelta
from typing import cast

import pytest
from flask.testing import FlaskClient

from drills import player, preempting, runs
from drills.models import DrillRun
from incident.clock import FrozenClock
from incident.services import Services
from tests.support.desk import make_people
from tests.support.drills import As, begin_run, clients, injects, prepare_run, run_of
from workflows.lifecycle import Role


@pytest.fixture
def by(desk: Services) -> As:
    make_people(desk)
    return clients(desk)


@pytest.fixture
def run(desk: Services, by: As) -> DrillRun:
    """A drill in which the city's duty room has asked."""
    run = begin_run(desk, make_people(desk)[Role.DIRECTOR])
    cast(FrozenClock, desk.clock).advance(timedelta(minutes=4))
    player.play_due(desk)
    return run_of(desk, run.key)


@pytest.fixture
def officer(by: As, run: DrillRun) -> FlaskClient:
    return by("duty_officer")


def answer(client: FlaskClient, desk: Services, run: DrillRun, name: str, text: str) -> int:
    row = injects(desk, run.key)[name]
    address = f"/drills/{run.key}/injects/{row.id}/answer"
    return client.post(address, data={"text": text}).status_code


def test_the_newest_stands_first_with_the_way_to_the_incident(
    officer: FlaskClient, run: DrillRun
) -> None:
    page = officer.get(f"/drills/{run.key}/inbox").text

    assert page.index("人数多少") < page.index("多名学生先后就诊")
    assert f"/incidents/{run.incident}" in page
    assert "2 项待处理" in page
    assert 'class="in-drill"' in page


def test_an_answer_is_written_down_once(
    desk: Services, by: As, officer: FlaskClient, run: DrillRun
) -> None:
    assert answer(officer, desk, run, "leader-asks", "已电话报告") == 303

    row = injects(desk, run.key)["leader-asks"]
    assert (row.answer, row.answered_by) == ("已电话报告", make_people(desk)["duty_officer"].id)
    assert answer(by("duty_leader"), desk, run, "leader-asks", "又答一次") == 409
    assert "已电话报告" in by("duty_leader").get(f"/drills/{run.key}/inbox").text


def test_an_empty_answer_is_none(desk: Services, officer: FlaskClient, run: DrillRun) -> None:
    assert answer(officer, desk, run, "leader-asks", "  ") == 422
    assert injects(desk, run.key)["leader-asks"].answered_at is None


def test_what_has_not_come_cannot_be_answered(
    desk: Services, officer: FlaskClient, run: DrillRun
) -> None:
    assert answer(officer, desk, run, "media", "已知") == 404


def test_only_players_answer_what_came_for_them(desk: Services, by: As, run: DrillRun) -> None:
    for account in ("director", "evaluator", "observer", "expert"):
        assert answer(by(account), desk, run, "leader-asks", "代答") == 403


def test_cards_are_for_those_who_act_them(desk: Services, by: As, run: DrillRun) -> None:
    director = by("director")
    director.post(f"/drills/{run.key}/injects/{injects(desk, run.key)['parents'].id}/bring")

    cards = director.get(f"/drills/{run.key}/cards").text
    assert "扮演家长致电" in cards
    assert "示例家长乙" in cards
    assert answer(by("duty_officer"), desk, run, "parents", "已演") == 403
    assert answer(director, desk, run, "parents", "已演") == 303


def test_a_drill_that_waits_or_is_over_says_so(desk: Services, by: As) -> None:
    director = make_people(desk)[Role.DIRECTOR]
    run = prepare_run(desk, director)
    officer = by("duty_officer")
    assert "演练还没有开始" in officer.get(f"/drills/{run.key}/inbox").text

    with desk.transaction() as session:
        runs.end(session, run.key, who=director, now=desk.now())

    assert "演练已结束" in officer.get(f"/drills/{run.key}/inbox").text


def test_nothing_is_answered_while_a_real_incident_goes_first(
    desk: Services, officer: FlaskClient, run: DrillRun
) -> None:
    people = make_people(desk)
    with desk.transaction() as session:
        preempting.stop_all(session, who=people["duty_officer"], now=desk.now())

    assert answer(officer, desk, run, "leader-asks", "稍后") == 409
    page = officer.get(f"/drills/{run.key}/inbox").text
    assert "请立即放下演练" in page
    assert "<textarea" not in page


def test_nobody_answers_a_drill_that_is_over(
    desk: Services, officer: FlaskClient, run: DrillRun
) -> None:
    director = make_people(desk)[Role.DIRECTOR]
    with desk.transaction() as session:
        runs.end(session, run.key, who=director, now=desk.now())

    assert answer(officer, desk, run, "leader-asks", "迟了") == 409


def test_the_bar_leads_each_to_his_place(by: As, officer: FlaskClient, run: DrillRun) -> None:
    inbox, cards = f"/drills/{run.key}/inbox", f"/drills/{run.key}/cards"

    assert inbox in officer.get(f"/incidents/{run.incident}").text
    assert cards in by("director").get("/drills").text
    assert f"/drills/{run.key}/watch" in by("observer").get("/drills").text
    assert "drill-bar" not in by("expert").get("/account").text
