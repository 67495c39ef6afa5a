"""A drill keeps its own time: it pauses, is played late, and goes on after a restart."""

from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import select

from drills import player, runs, schedule
from drills.course import course
from drills.learning.judging import LATE, MET, MISSED, OPEN
from drills.models import DrillInject, DrillRun
from drills.rehearse import Told, play_to_end
from drills.scenario.files import BadScenario, load, shipped
from incident.clock import FrozenClock
from incident.errors import Conflict, NotFound
from incident.jobs.lead import Leadership
from incident.models import Entry, Incident
from incident.operations import pace
from incident.services import Services
from incident.who import DESK
from tests.support.desk import NOW, act, make_people, make_services, read

CANTEEN = shipped()["school-canteen-salmonella"]
INJECTS = [one.inject.id for one in CANTEEN.timeline]


@pytest.fixture
def key(services: Services) -> str:
    """A drill at four times the speed, a minute of the wall in which nothing was played."""
    make_people(services)
    return runs.start(services, CANTEEN, speed=4).key


def later(services: Services, **length: float) -> None:
    cast(FrozenClock, services.clock).advance(timedelta(**length))


def run_of(services: Services, key: str) -> DrillRun:
    with services.reading() as session:
        return session.scalars(select(DrillRun).where(DrillRun.key == key)).one()


def fired(services: Services, key: str) -> int:
    return len([row for row in rows(services, key) if row.fired_at is not None])


def rows(services: Services, key: str) -> list[DrillInject]:
    with services.reading() as session:
        return list(schedule.of_run(session, runs.find(session, key)))


def reached(services: Services, key: str) -> timedelta:
    with services.reading() as session:
        return pace.of(session, key).reached(services.now())


def pause(services: Services, key: str) -> None:
    with services.transaction() as session:
        runs.pause(session, key, who=DESK, now=services.now())


def resume(services: Services, key: str) -> None:
    with services.transaction() as session:
        runs.resume(session, key, who=DESK, now=services.now())


def end(services: Services, key: str) -> None:
    with services.transaction() as session:
        runs.end(session, key, who=DESK, now=services.now())


def measured(services: Services, key: str) -> dict[str, tuple[str, int | None]]:
    with services.reading() as session:
        found = course(session, run_of(services, key), services.now())
    return {
        one.expectation.id: (
            one.state,
            None if one.taken is None else round(one.taken.total_seconds() / 60),
        )
        for one in found.measured
    }


@pytest.mark.parametrize(
    ("minutes", "played"),
    [(0, 1), (2.9, 1), (3, 2), (6.2, 2), (6.25, 3), (11.25, 4), (22.5, 5), (600, 5)],
)
def test_an_inject_comes_at_its_drill_minute(
    services: Services, key: str, minutes: float, played: int
) -> None:
    later(services, minutes=minutes)

    player.play_due(services)

    assert fired(services, key) == played


def test_each_inject_comes_once(services: Services, key: str) -> None:
    later(services, minutes=7)
    player.play_due(services)
    player.play_due(services)

    with services.reading() as session:
        reports = session.scalars(select(Entry.type).where(Entry.drill == key)).all()
    assert reports.count("reported") == 1
    assert reports.count("follow_up") == 1
    assert reports.count("inject") == 1


def test_a_pause_stops_the_time_of_the_drill(services: Services, key: str) -> None:
    player.play_due(services)
    later(services, minutes=2)
    pause(services, key)
    later(services, hours=5)
    assert player.play_due(services) == 0
    resume(services, key)

    assert reached(services, key) == timedelta(minutes=8)
    assert player.play_due(services) == 0
    later(services, minutes=1)
    assert player.play_due(services) == 1


def test_two_pauses_add_up(services: Services, key: str) -> None:
    for _ in range(2):
        pause(services, key)
        later(services, minutes=10)
        resume(services, key)
        later(services, minutes=1)

    assert reached(services, key) == timedelta(minutes=8)


def test_a_pause_of_a_paused_drill_and_a_resume_of_a_running_one_are_refused(
    services: Services, key: str
) -> None:
    with pytest.raises(Conflict):
        resume(services, key)
    pause(services, key)
    with pytest.raises(Conflict):
        pause(services, key)
    end(services, key)
    with pytest.raises(Conflict):
        resume(services, key)


def test_nothing_is_played_after_the_end(services: Services, key: str) -> None:
    player.play_due(services)
    end(services, key)
    later(services, hours=5)

    assert player.play_due(services) == 0
    assert reached(services, key) == timedelta()


def test_a_drill_that_is_not_there_is_not_found(services: Services) -> None:
    with pytest.raises(NotFound):
        pause(services, "YL-none")


def test_a_restart_in_the_middle_goes_on(services: Services, key: str, tmp_path: Path) -> None:
    player.play_due(services)
    later(services, minutes=4)
    player.play_due(services)
    url = services.engine.url.render_as_string(hide_password=False)

    anew = make_services(url, tmp_path / "desk", now=NOW + timedelta(minutes=7))
    played = player.play_due(anew)
    anew.engine.dispose()

    assert played == 1
    assert fired(services, key) == 3


def test_what_comes_late_still_comes_and_in_order(services: Services, key: str) -> None:
    later(services, days=2)

    assert player.play_due(services) == len(INJECTS)

    with services.reading() as session:
        types = session.scalars(
            select(Entry.type).where(
                Entry.drill == key, Entry.type.in_(("reported", "follow_up", "inject"))
            )
        ).all()
    assert types == ["reported", "inject", "follow_up", "inject"]


def test_news_of_an_incident_that_is_over_is_passed_over(services: Services, key: str) -> None:
    people = make_people(services)
    player.play_due(services)
    number = run_of(services, key).incident or ""
    act(services, read(services, number), "dismiss", people["duty_officer"], reason="误报")
    act(services, read(services, number), "dismiss", people["duty_leader"], reason="误报")
    later(services, minutes=30)

    player.play_due(services)

    assert fired(services, key) == len(INJECTS)
    with services.reading() as session:
        failed = session.scalars(select(Entry).where(Entry.type == "inject_failed")).all()
    assert "more-ill" in [entry.data["inject"] for entry in failed]
    assert {entry.drill for entry in failed} == {key}


def test_expectations_are_measured_in_drill_minutes_without_pauses(
    services: Services, key: str
) -> None:
    people = make_people(services)
    player.play_due(services)
    later(services, minutes=3)
    pause(services, key)
    later(services, minutes=20)
    resume(services, key)
    later(services, minutes=2)
    number = run_of(services, key).incident or ""
    act(services, read(services, number), "verify", people["duty_officer"], conclusion="属实")

    found = measured(services, key)

    assert found["verified"] == (MET, 20)
    assert found["graded"] == (OPEN, None)


def test_late_and_missed_are_told_apart(services: Services, key: str) -> None:
    people = make_people(services)
    player.play_due(services)
    later(services, minutes=10)
    number = run_of(services, key).incident or ""
    act(services, read(services, number), "verify", people["duty_officer"], conclusion="属实")
    later(services, minutes=5)

    found = measured(services, key)

    assert found["verified"] == (LATE, 40)
    assert found["graded"] == (MISSED, None)
    assert found["convened"] == (OPEN, None)


def test_what_is_done_after_the_end_does_not_count(services: Services, key: str) -> None:
    people = make_people(services)
    player.play_due(services)
    end(services, key)
    later(services, minutes=1)
    number = run_of(services, key).incident or ""
    act(services, read(services, number), "verify", people["duty_officer"], conclusion="属实")

    assert measured(services, key)["verified"] == (MISSED, None)


class Metronome:
    """Stands in for the wait between two looks: the clock goes on instead."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def is_set(self) -> bool:
        return False

    def wait(self, timeout: float) -> bool:
        later(self._services, minutes=1)
        return False


def test_a_drill_in_the_foreground_tells_each_inject_and_ends(services: Services, key: str) -> None:
    told: list[Told] = []

    went = play_to_end(services, key, told.append, Metronome(services))

    branched = "leader-again"  # nobody answered the leader
    assert [one.inject.id for one in told] == [*INJECTS[:3], branched, *INJECTS[3:]]
    assert went.state == "ended"
    assert run_of(services, key).ended_at == services.now()
    with services.reading() as session:
        assert {one.incident for one in told} == set(session.scalars(select(Incident.number)))


def test_two_engines_play_each_inject_once(services: Services, key: str) -> None:
    later(services, minutes=30)
    first = rows(services, key)[0]

    player.play_due(services)

    assert not player.fire(services, key, first.id)
    with services.reading() as session:
        assert len(session.scalars(select(Incident.number)).all()) == 1


def test_the_engine_plays_under_its_lease(services: Services, key: str) -> None:
    later(services, minutes=4)

    led = Leadership(services).turn()
    assert led is not None
    player.play_due(led)

    assert fired(services, key) == 2


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("speed: 900", "speed"),
        ("injects: []", "injects"),
        ("form: dance", "form"),
        ("unknown: 1", "unknown"),
    ],
)
def test_a_scenario_with_an_error_says_where(tmp_path: Path, change: str, told: str) -> None:
    lines = [
        "id: a-test",
        "title: 试",
        "form: tabletop",
        "purpose: test",
        "summary: 试",
        "speed: 1",
        "injects: [{id: first, at: 0m, kind: message, sender: 某, text: 试}]",
    ]
    name = change.partition(":")[0]
    kept = [line for line in lines if not line.startswith(f"{name}:")]
    file = tmp_path / "a-test.yaml"
    file.write_text("\n".join([*kept, change]), encoding="utf-8")

    with pytest.raises(BadScenario) as caught:
        load(file)

    assert str(caught.value).startswith("a-test.yaml:")
    assert told in str(caught.value)
