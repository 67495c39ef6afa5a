"""The pages of a replay: who sees what of a moment, and the form of a supposition."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from incident.clock import FrozenClock
from incident.models import Report
from incident.operations import pace
from incident.services import Services
from tests.pages.incident_client import Browser
from tests.pages.incident_world import World, make_world
from tests.support.desk import act, make_incident, make_people
from tests.support.steps import brings, propose


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = make_world(tmp_path_factory.mktemp("world"), states=False)
    yield made
    made.desk.engine.dispose()


@pytest.fixture(scope="module")
def number(world: World) -> str:
    """Return an incident with an hour between its steps."""
    desk, people = world.desk, make_people(world.desk)
    incident = make_incident(desk)
    officer, commander = people["duty_officer"], people["commander"]
    passes(desk)
    act(desk, incident, "update_facts", officer, facts={"deaths": 1}, source="hospital")
    passes(desk)
    act(desk, incident, "verify", officer, conclusion="属实")
    passes(desk)
    propose(desk, incident, "III", officer)
    passes(desk)
    act(desk, incident, "approve_grade", commander, **brings(desk, incident, "approve_grade"))
    passes(desk)
    act(desk, incident, "activate", commander, **brings(desk, incident, "activate"))
    return incident.number


def passes(desk: Services) -> None:
    assert isinstance(desk.clock, FrozenClock)
    desk.clock.advance(timedelta(hours=1))


def replay(person: Browser, number: str, **asked: object) -> str:
    return person.read(f"/incidents/{number}/replay", **asked)


def fact(page: str, name: str) -> bool:
    """Tell whether a fact stands among those known, not among those unknown."""
    return f"facts/{name}" in page.split("replay-facts")[1].split("replay-clocks")[0]


def test_a_replay_begins_at_the_newest_moment(world: World, number: str) -> None:
    page = replay(world.person("commander"), number)
    assert 'max="6" step="1" value="6"' in page
    assert "启动" in page.split("replay-lines")[1]
    assert page.count("replay-here") == 3, "the activation, its call, and what it ended"


def test_the_cursor_hides_what_came_later(world: World, number: str) -> None:
    first = replay(world.person("commander"), number, n=1)
    second = replay(world.person("commander"), number, n=2)
    assert (fact(first, "deaths"), fact(second, "deaths")) == (False, True)
    assert "当时还没有任务" in first
    assert "启动Ⅲ级" not in first.split("replay-lines")[1]


def test_a_time_between_two_entries_may_be_asked_for(world: World, number: str) -> None:
    page = replay(world.person("commander"), number, at="2026-11-23T12:30")
    assert "11-23 12:30:00" in page
    assert re.search(r'value="2" data-replay=', page)
    assert f"/incidents/{number}/replay?n=2" in page, "one step back is the entry before"


@pytest.mark.parametrize("asked", [{"n": "999"}, {"n": "-4"}, {"n": "x"}, {"at": "gestern"}, {}])
def test_an_odd_place_is_the_nearest_that_there_is(
    world: World, number: str, asked: dict[str, str]
) -> None:
    assert 'id="replay-n"' in replay(world.person("duty_officer"), number, **asked)


@pytest.mark.parametrize("at", ["0001-01-01T00:00", "9999-12-31T23:59"])
def test_a_time_outside_is_drawn_to_the_ends(world: World, number: str, at: str) -> None:
    page = replay(world.person("duty_officer"), number, at=at)
    assert re.search(r'value="[16]" data-replay=', page)


def test_the_piece_is_what_the_page_shows(world: World, number: str) -> None:
    person = world.person("commander")
    piece = person.read(f"/incidents/{number}/now/replay", n=3)
    assert piece.lstrip().startswith("<div")
    assert " ".join(piece.split()) in " ".join(replay(person, number, n=3).split())


def test_a_reporting_unit_replays_only_what_it_is_told(world: World) -> None:
    incident = make_incident(world.desk)
    reporter = make_people(world.desk)["reporter"]
    with world.desk.transaction() as session:
        filed = {"report_type": "initial", "source": "hospital", "content": {}}
        session.add(
            Report(
                incident_id=incident.id,
                filed_at=world.desk.now(),
                filed_by=reporter.person,
                **filed,
            )
        )
    person = world.person("reporter")
    page = replay(person, incident.number)
    assert "当时已知的事实" in page
    assert "当时的呼叫" not in page
    assert "当时的时限" not in page
    assert person.get(f"/incidents/{incident.number}/what-if").status_code == 403


def test_somebody_else_finds_no_replay(world: World, number: str) -> None:
    assert world.person("director").get(f"/incidents/{number}/replay").status_code == 404


def test_a_drill_shows_its_own_time_beside_the_wall(world: World) -> None:
    with world.desk.transaction() as session:
        pace.run(session, "YL-7", speed=12.0, now=world.desk.now())
    incident = make_incident(world.desk, drill="YL-7")
    world.desk.clock.advance(timedelta(minutes=5))  # type: ignore[attr-defined]
    people = make_people(world.desk)
    act(world.desk, incident, "verify", people["duty_officer"], conclusion="属实")

    page = replay(world.person("commander"), incident.number)
    assert "演练时间 T+1:00:00" in page
    assert "演练按演练时间算" in world.person("commander").read(
        f"/incidents/{incident.number}/what-if"
    )


def test_a_supposition_tells_what_would_differ(world: World, number: str) -> None:
    page = world.person("commander").read(
        f"/incidents/{number}/what-if", step="activated", minutes="40", way="earlier"
    )
    assert "假如启动响应提前 40 分" in page
    assert "限期提前 40 分" in page
    assert "呼叫提前 40 分" in page


def test_a_supposition_goes_no_further_than_it_can(world: World, number: str) -> None:
    page = world.person("commander").read(
        f"/incidents/{number}/what-if", step="graded", minutes="180", way="later"
    )
    assert "假如核定级别推迟 1 小时" in page
    assert "核定级别不能晚于启动响应" in page
    along = world.person("commander").read(
        f"/incidents/{number}/what-if", step="graded", minutes="180", way="later", along="yes"
    )
    assert "一起移动：启动响应" in along


@pytest.mark.parametrize("minutes", ["-5", "viel", "", "1.5", "99999999", "４０"])
def test_minutes_that_are_none_are_asked_for_again(world: World, number: str, minutes: str) -> None:
    page = world.person("commander").read(
        f"/incidents/{number}/what-if", step="graded", minutes=minutes, way="earlier"
    )
    assert "整数分钟" in page
    assert "推算结果" not in page


def test_without_a_step_there_is_nothing_to_suppose(world: World) -> None:
    incident = make_incident(world.desk)
    page = world.person("commander").read(f"/incidents/{incident.number}/what-if")
    assert "还没有可以假设的步骤" in page


def test_the_room_leads_to_the_replay(world: World, number: str) -> None:
    room = world.person("commander").read(f"/incidents/{number}")
    assert f'href="/incidents/{number}/replay"' in room
