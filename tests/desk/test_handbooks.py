"""The handbooks of a drill: players read nothing of what will happen, controllers read it all."""

import io
import re

import pytest
from pypdf import PdfReader

from drills import handbook, participants, runs
from drills.handbook_script import COLUMNS, table
from drills.models import DrillRun
from drills.scenario.files import shipped
from drills.scenario.schema import Scenario
from incident.documents import OfficialDocument
from incident.models import User
from incident.press import Press
from incident.services import Services
from tests.support.desk import make_people
from workflows.lifecycle import Role

SPACE = re.compile(r"\s")
SCENARIOS = list(shipped().values())


def prepared(services: Services, scenario: Scenario) -> DrillRun:
    people = make_people(services)
    run = runs.prepare(services, scenario, who=people[Role.DIRECTOR])
    with services.transaction() as session:
        held = runs.hold(session, run.key)
        user = session.get(User, people[Role.DUTY_OFFICER].person)
        assert user is not None
        player = next(one for one in scenario.parts if one.plays == "player")
        participants.enrol(session, held, user, "player", part=player.id, team="甲队")
    return run


def both(services: Services, run: DrillRun) -> tuple[OfficialDocument, OfficialDocument]:
    with services.reading() as session:
        found = runs.find(session, run.key)
        return (
            handbook.briefing(session, found, services.rules),
            handbook.handbook(session, found, services.rules),
        )


def secrets(scenario: Scenario) -> set[str]:
    """Return everything that only controllers may know, in its own words."""
    told = {one.text for one in scenario.injects if one.text}
    told |= {str((one.report or {}).get("narrative") or "") for one in scenario.injects}
    told |= {one.sender for one in scenario.injects} | {one.id for one in scenario.injects}
    told |= {one.text for one in scenario.expectations}
    told |= {one.text for one in scenario.background} | {one.name for one in scenario.cast}
    told |= {scenario.title, scenario.summary}
    known = {part.title for part in scenario.parts}
    return {one for one in told if len(one) > 3} - known


def said(document: OfficialDocument) -> str:
    return f"{document.title} {document.content} {document.sections}"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.id)
def test_players_read_nothing_of_what_will_happen(services: Services, scenario: Scenario) -> None:
    briefing, full = both(services, prepared(services, scenario))

    assert [one for one in secrets(scenario) if one in said(briefing)] == []
    assert all(one.text in said(full) for one in scenario.expectations)


def test_the_script_has_a_row_for_each_inject_and_expectation() -> None:
    scenario = shipped()["school-canteen-salmonella"]

    script = table(scenario)

    assert len(script.columns) == len(COLUMNS) == 12
    assert all(len(row) == 12 and all(row) for row in script.rows)
    dialogs = {row[8] for row in script.rows}
    wanted = {row[5] for row in script.rows}
    assert {one.text for one in scenario.expectations} <= wanted
    assert any("市政府值班室来电" in one for one in dialogs)


def test_both_handbooks_print_with_the_mark_on_every_page(services: Services) -> None:
    scenario = shipped()["school-canteen-salmonella"]
    briefing, full = both(services, prepared(services, scenario))

    with Press() as press:
        papers = [PdfReader(io.BytesIO(press.print(one))) for one in (briefing, full)]

    for paper in papers:
        pages = [SPACE.sub("", page.extract_text()) for page in paper.pages]
        assert all("【演练】" in page for page in pages)
    read = [SPACE.sub("", "".join(p.extract_text() for p in paper.pages)) for paper in papers]
    assert "甲队" in read[0]
    assert "转入实战" in read[0]
    assert [one for one in secrets(scenario) if SPACE.sub("", one) in read[0]] == []
    assert "采样车途中故障" in read[1]
