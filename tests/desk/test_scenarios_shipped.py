"""The scenarios that come along: each is checked, invented, of its own kind, and can be played."""

from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import select

from drills import player, runs, schedule
from drills.models import DrillRun
from drills.scenario.condition_words import describe
from drills.scenario.evaluation import items
from drills.scenario.files import FOLDER, check, shipped
from drills.scenario.schema import Scenario
from incident.clock import FrozenClock
from incident.models import Entry, Incident
from incident.services import Services
from tests.support.desk import make_people
from workflows.library import Library
from workflows.plan import Confidence

LIBRARY = Library.load()
FILES = sorted(FOLDER.glob("*.yaml"))
ALL = shipped()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_scenario_has_no_problem(path: Path) -> None:
    assert check([path], LIBRARY) == []


@pytest.mark.parametrize("scenario", ALL.values(), ids=ALL.keys())
def test_a_shipped_scenario_plays_to_its_end(services: Services, scenario: Scenario) -> None:
    make_people(services)
    key = runs.start(services, scenario, speed=60).key
    cast(FrozenClock, services.clock).advance(scenario.length)

    player.play_due(services)

    with services.reading() as session:
        run = session.scalars(select(DrillRun).where(DrillRun.key == key)).one()
        timed = [row for row in schedule.of_run(session, run) if schedule.inject_of(row).at]
        failed = session.scalars(select(Entry).where(Entry.type == "inject_failed")).all()
        opened = session.scalars(select(Incident.number).where(Incident.drill == key)).all()
    assert len([row for row in timed if row.fired_at]) == len(scenario.timeline)
    assert [entry.data for entry in failed] == []
    assert len(opened) == sum(one.inject.effect == "report" for one in scenario.timeline)


def test_the_simulators_cards_stay_off_the_desk(services: Services) -> None:
    make_people(services)
    scenario = ALL["opinion-storm"]
    hidden = {one.id for one in scenario.injects if one.to == "simulators"}
    runs.start(services, scenario, speed=60)
    cast(FrozenClock, services.clock).advance(timedelta(days=1))

    player.play_due(services)

    with services.reading() as session:
        shown = {entry.data.get("inject") for entry in session.scalars(select(Entry))}
    assert hidden
    assert not hidden & shown


def test_there_are_ten_that_differ_in_kind() -> None:
    assert len(ALL) == 10
    assert {scenario.kind for scenario in ALL.values()} == {"food", "drug", "vaccine"}
    assert {scenario.form for scenario in ALL.values()} == {"tabletop", "operational"}
    assert {scenario.content for scenario in ALL.values()} == {"single", "comprehensive"}
    assert {scenario.purpose for scenario in ALL.values()} == {"test", "show", "study"}
    assert {inject.via for scenario in ALL.values() for inject in scenario.injects} >= {
        "phone_card",
        "sms",
        "hospital_update",
        "lab_result",
        "media_post",
        "leader_question",
        "resource_failure",
        "equipment_failure",
    }


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scenario", ALL.values(), ids=ALL.keys())
def test_every_condition_can_be_said_in_words(scenario: Scenario, language: str) -> None:
    for item in (*scenario.injects, *scenario.expectations):
        if item.when is not None:
            assert "{" not in describe(item.when, language)


def test_the_evaluation_table_is_a_hundred_points_that_are_marked_doubtful() -> None:
    assert sum(item.weight for item in items().values()) == 100
    assert len(items()) == 7
    assert {item.confidence for item in items().values()} == {Confidence.DOUBTFUL}
