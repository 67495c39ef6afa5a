"""The result of a run tells what happened in drill time, beside what was expected."""

from datetime import timedelta
from typing import cast

import pytest

from drills import player, runs
from drills.learning import comparing, result
from drills.scenario.files import shipped
from incident.clock import FrozenClock
from incident.services import Services
from incident.who import Who
from tests.support.desk import act, make_people, read
from workflows.lifecycle import Role

CANTEEN = shipped()["school-canteen-salmonella"]


@pytest.fixture
def people(services: Services) -> dict[str, Who]:
    return make_people(services)


def later(services: Services, minutes: float) -> None:
    cast(FrozenClock, services.clock).advance(timedelta(minutes=minutes))


def play(services: Services, people: dict[str, Who], *, verify_after: float) -> str:
    """Play at four times the speed, verify after so many minutes of the wall, and end."""
    key = runs.start(services, CANTEEN, who=people[Role.DIRECTOR], speed=4).key
    player.play_due(services)
    later(services, verify_after)
    with services.reading() as session:
        number = runs.find(session, key).incident or ""
    act(services, read(services, number), "verify", people["duty_officer"], conclusion="属实")
    later(services, 5)
    with services.transaction() as session:
        runs.end(session, key, who=people[Role.DIRECTOR], now=services.now())
    later(services, 600)
    return key


def found(services: Services, key: str) -> result.Result:
    with services.reading() as session:
        return result.result(session, runs.find(session, key), services.now())


def test_a_step_stands_at_its_drill_minute_before_what_was_expected_later(
    services: Services, people: dict[str, Who]
) -> None:
    key = play(services, people, verify_after=5)
    with services.reading() as session:
        course = result.happened(session, found(services, key))

    steps = [one.at for one in course if one.kind == result.STEP]
    assert steps[0] == timedelta(minutes=20)
    assert [one.at for one in course] == sorted(one.at for one in course)
    verified = next(one for one in course if one.kind == result.EXPECTED)
    assert (verified.state, verified.at) == ("met", timedelta(minutes=20))


def test_clocks_are_told_in_drill_time_and_stop_with_the_drill(
    services: Services, people: dict[str, Who]
) -> None:
    first = found(services, play(services, people, verify_after=5))

    assert first.length == timedelta(minutes=40)
    assert first.clocks
    for clock in first.clocks:
        assert clock.allowed > timedelta()
        assert clock.is_late == (
            clock.allowed < (clock.taken or timedelta(minutes=40) - clock.starts)
        )


def test_runs_are_compared_by_what_each_needed(services: Services, people: dict[str, Who]) -> None:
    slow, quick = (play(services, people, verify_after=minutes) for minutes in (9, 2))
    going = runs.start(services, CANTEEN, who=people[Role.DIRECTOR]).key

    with services.reading() as session:
        played = comparing.of_scenario(session, found(services, going), services.now())

    assert [one.run.key for one in played] == [slow, quick, going]
    taken = [measured and measured.taken for one in played if (measured := one.measure("verified"))]
    assert taken == [timedelta(minutes=36), timedelta(minutes=8), None]
    assert played[-1].is_this
