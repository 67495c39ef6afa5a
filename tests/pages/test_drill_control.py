"""The control room: each inject in the director's hand, one director at a time, second looks."""

from datetime import timedelta
from typing import cast

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from drills import player
from drills.models import DrillRun
from incident.clock import FrozenClock
from incident.models import Entry
from incident.operations import pace
from incident.services import Services
from tests.support.desk import make_people, make_person
from tests.support.drills import As, begin_run, clients, injects, prepare_run, run_of
from workflows.lifecycle import Role


@pytest.fixture
def by(desk: Services) -> As:
    make_people(desk)
    make_person(desk, "second", "director", number=62)
    return clients(desk)


@pytest.fixture
def run(desk: Services, by: As) -> DrillRun:
    return begin_run(desk, make_people(desk)[Role.DIRECTOR])


@pytest.fixture
def director(by: As, run: DrillRun) -> FlaskClient:
    return by("director")


def later(desk: Services, **length: float) -> None:
    cast(FrozenClock, desk.clock).advance(timedelta(**length))


def row_of(desk: Services, run: DrillRun, name: str) -> int:
    return injects(desk, run.key)[name].id


def do(client: FlaskClient, run: DrillRun, desk: Services, name: str, what: str) -> int:
    address = f"/drills/{run.key}/injects/{row_of(desk, run, name)}/{what}"
    return client.post(address).status_code


def test_the_page_shows_what_comes_and_what_came(director: FlaskClient, run: DrillRun) -> None:
    page = director.get(f"/drills/{run.key}").text

    assert page.count("<svg") >= 1
    assert "已送入 1 项" in page
    for words in ("接下来", "网络出现", "多名学生先后就诊", "钟表时间", "演练时间"):
        assert words in page


def test_an_inject_is_brought_before_its_time(
    desk: Services, director: FlaskClient, run: DrillRun
) -> None:
    assert do(director, run, desk, "media", "bring") == 303

    brought = injects(desk, run.key)["media"]
    assert (brought.state, brought.fired_by) == ("fired", make_people(desk)["director"].id)


def test_what_is_held_back_comes_when_it_is_released(
    desk: Services, director: FlaskClient, run: DrillRun
) -> None:
    do(director, run, desk, "leader-asks", "hold")
    later(desk, minutes=4)
    player.play_due(desk)
    assert injects(desk, run.key)["leader-asks"].state == "planned"

    do(director, run, desk, "leader-asks", "release")
    player.play_due(desk)

    assert injects(desk, run.key)["leader-asks"].state == "fired"


def test_what_is_skipped_is_looked_at_twice_and_never_comes(
    desk: Services, director: FlaskClient, run: DrillRun
) -> None:
    page = director.get(f"/drills/{run.key}/injects/{row_of(desk, run, 'media')}").text
    assert "跳过后不能恢复" in page

    do(director, run, desk, "media", "skip")
    later(desk, minutes=12)
    player.play_due(desk)

    assert injects(desk, run.key)["media"].state == "skipped"
    assert do(director, run, desk, "media", "bring") == 303
    assert injects(desk, run.key)["media"].state == "skipped"
    assert do(director, run, desk, "media", "hold") == 409


def insert(client: FlaskClient, run: DrillRun, **changes: str) -> int:
    form = {"to": "players", "via": "phone_card", "sender": "市政府值班室", "text": "请速报"}
    return client.post(f"/drills/{run.key}/insert", data={**form, **changes}).status_code


def test_the_director_inserts_an_inject_now_or_later(
    desk: Services, director: FlaskClient, run: DrillRun
) -> None:
    assert insert(director, run) == 303
    assert insert(director, run, minute="30", text="再报一次") == 303

    now, then = injects(desk, run.key)["inserted-1"], injects(desk, run.key)["inserted-2"]
    assert (now.state, now.is_inserted) == ("fired", True)
    assert (then.state, then.due_seconds) == ("planned", 1800)
    with desk.reading() as session:
        assert session.scalars(select(Entry).where(Entry.text.contains("请速报"))).all()


def test_a_word_to_a_simulator_stays_off_the_desk(
    desk: Services, by: As, director: FlaskClient, run: DrillRun
) -> None:
    insert(director, run, to="simulators", text="请家长语气再急些")

    assert "请家长语气再急些" in director.get(f"/drills/{run.key}/cards").text
    assert "请家长语气再急些" not in by("duty_officer").get(f"/drills/{run.key}/inbox").text
    with desk.reading() as session:
        assert not session.scalars(select(Entry).where(Entry.text.contains("语气再急些"))).all()


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": ""},
        {"sender": ""},
        {"via": "report"},
        {"to": "everybody"},
        {"minute": "soon"},
        {"minute": "-3"},
        {"text": "请拨 13912345678"},
    ],
)
def test_what_cannot_be_inserted_is_asked_for_again(
    desk: Services, director: FlaskClient, run: DrillRun, wrong: dict[str, str]
) -> None:
    assert insert(director, run, **wrong) == 422
    assert "inserted-1" not in injects(desk, run.key)


def test_a_minute_that_has_passed_is_refused(
    desk: Services, director: FlaskClient, run: DrillRun
) -> None:
    later(desk, minutes=5)

    assert insert(director, run, minute="10") == 422


def test_the_speed_changes_and_a_wrong_one_does_not(
    desk: Services, director: FlaskClient, run: DrillRun
) -> None:
    assert director.post(f"/drills/{run.key}/speed", data={"speed": "30"}).status_code == 303
    assert run_of(desk, run.key).speed == 30
    assert director.post(f"/drills/{run.key}/speed", data={"speed": "900"}).status_code == 422


def test_a_jump_says_first_what_it_leaves_out(
    desk: Services, director: FlaskClient, run: DrillRun
) -> None:
    page = director.get(f"/drills/{run.key}/jump/full").text
    assert "跳过 3 项" in page

    assert director.post(f"/drills/{run.key}/jump/full").status_code == 303

    with desk.reading() as session:
        assert pace.of(session, run.key).reached(desk.now()) == timedelta(hours=1)
    assert injects(desk, run.key)["media"].state == "skipped"
    assert director.post(f"/drills/{run.key}/jump/main").status_code == 409
    assert director.get(f"/drills/{run.key}/jump/none").status_code == 404


def test_the_end_is_looked_at_twice(director: FlaskClient, run: DrillRun, desk: Services) -> None:
    assert "结束后不能再继续" in director.get(f"/drills/{run.key}/end").text
    assert run_of(desk, run.key).ended_at is None

    director.post(f"/drills/{run.key}/end")

    assert run_of(desk, run.key).ended_at is not None
    assert do(director, run, desk, "media", "bring") == 409


def test_pausing_twice_is_told_and_changes_nothing(
    desk: Services, director: FlaskClient, run: DrillRun
) -> None:
    director.post(f"/drills/{run.key}/pause")
    answer = director.post(f"/drills/{run.key}/pause")

    assert answer.status_code == 409
    assert "演练没有在进行" in answer.text
    with desk.reading() as session:
        assert pace.of(session, run.key).stands


def test_a_second_director_looks_on_until_he_takes_over(
    desk: Services, by: As, director: FlaskClient, run: DrillRun
) -> None:
    second = by("second")
    page = second.get(f"/drills/{run.key}").text
    assert "接管导调" in page
    assert "/pause" not in page
    answer = second.post(f"/drills/{run.key}/pause")
    assert (answer.status_code, "接管导调" in answer.text) == (409, True)

    second.post(f"/drills/{run.key}/direct")

    assert second.post(f"/drills/{run.key}/pause").status_code == 303
    assert director.post(f"/drills/{run.key}/resume").status_code == 409
    with desk.reading() as session:
        told = session.scalars(select(Entry).where(Entry.type == "drill_taken_over")).all()
    assert len(told) == 1


def test_of_two_who_bring_the_same_one_is_told_that_he_was_late(
    desk: Services, director: FlaskClient, run: DrillRun
) -> None:
    do(director, run, desk, "media", "bring")
    address = f"/drills/{run.key}/injects/{row_of(desk, run, 'media')}/bring"

    page = director.post(address, follow_redirects=True).text

    assert "没有送入" in page


def test_nothing_can_be_done_before_the_beginning(desk: Services, by: As) -> None:
    run = prepare_run(desk, make_people(desk)[Role.DIRECTOR])
    director = by("director")

    assert do(director, run, desk, "media", "bring") == 409
    assert do(director, run, desk, "media", "hold") == 409
    assert insert(director, run) == 409
    assert director.get(f"/drills/{run.key}").status_code == 200


def test_what_is_over_can_still_be_read(director: FlaskClient, run: DrillRun) -> None:
    director.post(f"/drills/{run.key}/end")

    page = director.get(f"/drills/{run.key}").text
    assert "已结束" in page
    assert "/bring" not in page
