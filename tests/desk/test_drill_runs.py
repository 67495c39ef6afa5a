"""A drill is prepared, begun, paused, hurried, jumped, frozen and ended, and keeps its time."""

from pathlib import Path

import pytest

from drills import player, runs
from incident.errors import Conflict, InvalidInput, NotFound
from incident.services import Services
from incident.who import DESK
from tests.support.desk import make_people, make_services
from tests.support.rehearsal import (
    begin,
    direct,
    fired,
    first,
    go,
    later,
    measured,
    reached,
    rows,
    run_of,
    scenario,
    words,
)

pytestmark = pytest.mark.usefixtures("people")


@pytest.fixture
def people(services: Services) -> None:
    make_people(services)


def test_what_is_prepared_does_not_run_until_it_is_begun(services: Services) -> None:
    key = runs.prepare(services, scenario()).key
    assert go(services, minutes=30) == 0

    direct(services, "begin", key)

    assert reached(services, key) == 0
    assert go(services, minutes=1) == 1
    with pytest.raises(Conflict):
        direct(services, "begin", key)


@pytest.mark.parametrize("speed", [0.5, 1, 12, 60])
def test_drill_time_is_the_same_at_every_speed(services: Services, speed: float) -> None:
    key = begin(services, first(), words("later", at="30m"), speed=speed)

    go(services, minutes=29.9 / speed)
    assert list(fired(services, key)) == ["first"]
    go(services, minutes=0.1 / speed)

    assert fired(services, key)["later"] == 30


def test_pauses_speeds_and_jumps_make_one_time(services: Services) -> None:
    key = begin(
        services,
        first(),
        words("soon", at="20m"),
        words("passed", at="55m"),
        words("second", segment="second", at="10m"),
    )
    go(services, minutes=10)
    direct(services, "pause", key)
    later(services, hours=3)
    direct(services, "set_speed", key, 10.0)
    assert reached(services, key) == 10
    direct(services, "resume", key)
    go(services, minutes=1)
    assert fired(services, key)["soon"] == 20
    later(services, minutes=2)
    direct(services, "set_speed", key, 2.0)
    assert reached(services, key) == 40
    direct(services, "jump", key, "second")
    go(services, minutes=5)

    assert fired(services, key) == {"first": 0, "soon": 20, "second": 70}
    assert {row.inject: row.state for row in rows(services, key)}["passed"] == "skipped"


def test_a_jump_of_a_paused_drill_leaves_it_paused(services: Services) -> None:
    key = begin(services, first(), words("second", segment="second", at="0m"))
    direct(services, "pause", key)

    direct(services, "jump", key, "second")

    assert go(services, hours=1) == 0
    assert reached(services, key) == 60
    direct(services, "resume", key)
    assert "second" not in fired(services, key)
    player.play_due(services)
    assert fired(services, key)["second"] == 60


@pytest.mark.parametrize("segment", ["main", "none"])
def test_nobody_jumps_back_or_nowhere(services: Services, segment: str) -> None:
    key = begin(services)
    go(services, minutes=1)

    with pytest.raises((Conflict, InvalidInput)):
        direct(services, "jump", key, segment)


@pytest.mark.parametrize("speed", [0, 0.4, 61, -1])
def test_an_impossible_speed_is_refused(services: Services, speed: float) -> None:
    with pytest.raises(InvalidInput):
        runs.prepare(services, scenario(), speed=speed)
    key = begin(services)
    with pytest.raises(InvalidInput):
        direct(services, "set_speed", key, speed)
    assert run_of(services, key).speed == 1


def test_a_segment_can_run_apart(services: Services) -> None:
    key = begin(
        services,
        first(),
        words("early", at="20m"),
        first(id="again", segment="second", at="0m"),
        words("late", segment="second", at="5m"),
        expectations=[],
        segments=["second"],
    )
    go(services, minutes=5)

    assert fired(services, key) == {"again": 60, "late": 65}
    assert [row.inject for row in rows(services, key)] == ["again", "late"]


def test_a_segment_that_is_not_there_is_refused(services: Services) -> None:
    with pytest.raises(InvalidInput):
        runs.prepare(services, scenario(), segments=["none"])
    with pytest.raises(InvalidInput):
        runs.prepare(services, scenario(), segments=[])


def test_a_real_incident_freezes_every_drill_and_each_goes_on_alone(services: Services) -> None:
    who = make_people(services)["director"]
    one, other = begin(services, first(), words("next", at="10m")), begin(services)
    go(services, minutes=4)
    with services.transaction() as session:
        assert len(runs.freeze(session, who=who, now=services.now())) == 2
        assert runs.freeze(session, who=who, now=services.now()) == []
    assert go(services, hours=8) == 0
    with pytest.raises(Conflict):
        direct(services, "pause", one)

    direct(services, "resume", one)
    go(services, minutes=6)

    assert fired(services, one) == {"first": 0, "next": 10}
    assert reached(services, other) == 4


def test_a_restart_in_the_middle_goes_on_where_it_stood(services: Services, tmp_path: Path) -> None:
    key = begin(services, first(), words("next", at="10m"), words("last", at="30m"), speed=10)
    go(services, minutes=1)
    direct(services, "set_speed", key, 2.0)
    url = services.engine.url.render_as_string(hide_password=False)
    later(services, minutes=10)

    anew = make_services(url, tmp_path / "desk", now=services.now())
    played = player.play_due(anew)
    anew.engine.dispose()

    assert played == 1
    assert fired(services, key) == {"first": 0, "next": 10, "last": 30}


def test_an_ended_drill_takes_nothing_any_more(services: Services) -> None:
    key = begin(services, first(), words("hand", ready=True))
    go(services)
    hand = next(row for row in rows(services, key) if row.inject == "hand")
    direct(services, "end", key)
    director = make_people(services)["director"]

    for name, args in (("pause", ()), ("resume", ()), ("set_speed", (2.0,)), ("jump", ("second",))):
        with pytest.raises(Conflict):
            direct(services, name, key, *args)
    with pytest.raises(Conflict):
        player.fire(services, key, hand.id, who=director)
    direct(services, "end", key)
    assert measured(services, key) == {}


def test_a_drill_that_is_not_there_is_not_found(services: Services) -> None:
    with pytest.raises(NotFound):
        direct(services, "begin", "YL-none")
    with services.reading() as session, pytest.raises(NotFound):
        runs.find(session, "YL-none")


def test_two_runs_of_a_day_have_keys_of_their_own(services: Services) -> None:
    keys = {runs.prepare(services, scenario(), who=DESK).key for _ in range(3)}

    assert len(keys) == 3
