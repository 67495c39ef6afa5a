"""What the pages of the scenario editor have in common: the draft, its check, its picture."""

from collections.abc import Mapping
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from drills import participants
from drills.drawing import Band, Lane, Mark, swimlanes
from drills.models import WrittenScenario
from drills.scenario.condition_words import describe
from drills.scenario.problem_words import Told, tell
from drills.scenario.schema import SIMULATORS, Scenario, Timed
from drills.web.showing import gist
from drills.writing import drafts
from incident.charts import Figure, Words
from incident.errors import FieldError, Forbidden, InvalidInput
from incident.models import User
from incident.web.access import who
from incident.web.desk import services
from incident.web.language import language
from incident.web.looks import label, phrase
from incident.words import vocabulary

MOST_MARKS = 400
STATES = {"draft": "warn", "ready": "done", "withdrawn": "plain"}


def find(session: Session, name: str) -> WrittenScenario:
    """Return a written scenario for somebody to whom it is no secret."""
    refuse_players(session, name)
    return drafts.find(session, name)


def refuse_players(session: Session, name: str) -> None:
    """Raise Forbidden for somebody who plays in a run of the scenario that has not ended."""
    if participants.plays_scenario(session, name, who()):
        raise Forbidden("drill-player")


def check(row: WrittenScenario) -> drafts.Checked:
    """Return what is wrong with a written scenario."""
    return drafts.check(row.name, row.text, services().rules.library)


def problems(checked: drafts.Checked) -> list[Told]:
    """Return what is wrong in words, each with where it stands, in the order of the text."""
    source = checked.found.source
    content = source.content if isinstance(source.content, dict) else {}
    told = (
        tell(one, content, one.located("", source.lines).line, language())
        for one in checked.mistakes
    )
    return sorted(dict.fromkeys(told), key=lambda one: one.line)


def state(row: WrittenScenario) -> str:
    """Return draft, ready or withdrawn."""
    if row.withdrawn_at is not None:
        return "withdrawn"
    return "draft" if row.ready_at is None else "ready"


def version() -> int:
    """Return the version that a form was filled in on; raise InvalidInput."""
    text = request.form.get("version", "")
    if not text.isdigit() or len(text) > 9:
        raise InvalidInput([FieldError("version", "required")])
    return int(text)


def name_of(session: Session, user: int | None) -> str:
    """Return how somebody is called."""
    found = None if user is None else session.get(User, user)
    return found.display if found else ""


def field_label(section: str, name: str) -> str:
    """Return how a field is called, in its section or everywhere."""
    key = f"{section}.{name}"
    return label("scenario_fields", key if key in vocabulary()["scenario_fields"] else name)


def field_hint(section: str, name: str) -> str | None:
    """Return what a field is for, None where its name says it."""
    known = vocabulary()["scenario_fields"]
    keys = (f"{section}.{name}-hint", f"{name}-hint")
    return next((label("scenario_fields", key) for key in keys if key in known), None)


def in_words(scenario: Scenario) -> Mapping[str, str]:
    """Return the conditions of a scenario in words, by the id of what they are for."""
    whens = [(one.id, one.when) for one in scenario.injects]
    whens += [(one.id, one.when) for one in scenario.expectations]
    return {id: describe(when, language()) for id, when in whens if when is not None}


def picture(scenario: Scenario) -> Figure:
    """Draw a scenario's time: a lane a channel, and one for what is expected."""
    bands = [
        Band(name=one.title, start=_minutes(one.start), end=_minutes(one.end))
        for one in scenario.segments
    ]
    values = {"n": len(scenario.injects), "m": len(scenario.expectations)}
    heads = tuple(label("scenarios", f"head-{name}") for name in ("lane", "time", "what"))
    words = Words(
        title=phrase("scenarios", "finding", **values, minutes=_minutes(scenario.length)),
        description=label("scenarios", "description"),
        heads=heads,
    )
    return swimlanes(_lanes(scenario), bands, words=words, waiting=label("scenarios", "waiting"))


def _lanes(scenario: Scenario) -> list[Lane]:
    numbers = {one.id: number for number, one in enumerate(scenario.injects, 1)}
    known = {one.inject.id for one in scenario.timeline}
    untimed = [Timed(inject=one, offset=scenario.length) for one in scenario.injects]
    lanes: dict[str, list[Mark]] = {}
    for one in [*scenario.timeline, *(each for each in untimed if each.inject.id not in known)]:
        inject = one.inject
        lane = SIMULATORS if inject.to == SIMULATORS else inject.via
        mark = Mark(
            at=_minutes(one.offset) if inject.id in known else None,
            label=str(numbers[inject.id]),
            title=f"{numbers[inject.id]} {inject.sender}: {gist(inject)}",
        )
        lanes.setdefault(lane, []).append(mark)
    found = [
        Lane(name=label("scenarios" if via == SIMULATORS else "drills", via), marks=tuple(marks))
        for via, marks in lanes.items()
    ]
    wanted = tuple(_wanted(scenario))[:MOST_MARKS]
    return [*found, Lane(name=label("scenarios", "expected"), marks=wanted)]


def _wanted(scenario: Scenario) -> list[Mark]:
    found = []
    for number, one in enumerate(scenario.expectations, 1):
        since = scenario.starts_from(one.since, one.segment)
        until = scenario.deadline(one)
        found.append(
            Mark(
                at=None if until is None else _minutes(until),
                label=str(number),
                title=f"{number} {one.text}",
                look="open" if since is None else "planned",
            )
        )
    return found


def _minutes(length: Any) -> float:
    return float(length.total_seconds()) / 60
