"""Scenarios that directors write at the desk: begin, save, declare ready, withdraw.

A draft is kept as it was typed, with whatever is wrong in it; only one without problems gets ready.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from drills.models import WrittenScenario
from drills.scenario.files import LARGEST, Read, mistakes, read_text, shipped
from drills.scenario.schema import Scenario
from incident.errors import Conflict, FieldError, InvalidInput, NotFound, StaleVersion
from incident.operations import timeline
from incident.who import Who
from incident.words import label
from workflows.library import Library
from workflows.problems import Mistake, Problem

NAME = re.compile(r"^[a-z][a-z0-9-]{1,60}$")
TO_FILL = label("scenarios", "to-fill")  # where the director has to write something himself
RESERVED = ("new", "written")  # other pages have these addresses
RIGHT_NAME = "keep the id as {}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A draft as the check sees it: `mistakes` are by place, `problems` by line."""

    found: Read
    mistakes: tuple[Mistake, ...]
    problems: tuple[Problem, ...]

    @property
    def scenario(self) -> Scenario | None:
        """Return the scenario; None where its form is wrong."""
        return self.found.scenario


def everything(session: Session) -> Sequence[WrittenScenario]:
    """Return all written scenarios, those not withdrawn first, the last written first."""
    return session.scalars(
        select(WrittenScenario).order_by(
            WrittenScenario.withdrawn_at.is_not(None),
            WrittenScenario.written_at.desc(),
            WrittenScenario.id.desc(),
        )
    ).all()


def find(session: Session, name: str) -> WrittenScenario:
    """Return a written scenario; raise NotFound."""
    row = session.scalar(select(WrittenScenario).where(WrittenScenario.name == name))
    if row is None:
        raise NotFound
    return row


def check(name: str, text: str, library: Library) -> Checked:
    """Return what is wrong with a draft."""
    found = read_text(name, text)
    wrong = list(found.wrong)
    if found.scenario is not None:
        wrong += mistakes(found.scenario, library)
        if found.scenario.id != name:
            what = f"the id is {found.scenario.id}"
            wrong.append(Mistake(("id",), what, RIGHT_NAME.format(name)))
    return Checked(
        found=found, mistakes=tuple(wrong), problems=tuple(sorted(set(found.located(wrong))))
    )


def begin(
    session: Session, name: str, text: str, *, who: Who, now: datetime, incident: str | None = None
) -> WrittenScenario:
    """Keep a new draft under a name of its own; raise InvalidInput."""
    check_name(session, name)
    _check_size(text)
    row = WrittenScenario(
        name=name,
        text=text,
        incident=incident,
        written_by=who.person,
        written_at=now,
        ready_at=None,
        ready_by=None,
        withdrawn_at=None,
    )
    session.add(row)
    session.flush()
    timeline.write(session, None, "scenario_begun", who=who, now=now, words_for={"name": name})
    return row


def check_name(session: Session, name: str) -> None:
    """Raise InvalidInput for a name that is none, or that another scenario has."""
    if not NAME.match(name):
        raise InvalidInput([FieldError("name", "bad-scenario-name")])
    taken = select(WrittenScenario.id).where(WrittenScenario.name == name)
    if name in {*shipped(), *RESERVED} or session.scalar(taken) is not None:
        raise InvalidInput([FieldError("name", "scenario-name-taken")])


def save(
    session: Session, name: str, text: str, version: int, *, who: Who, now: datetime
) -> WrittenScenario:
    """Keep a draft as it was typed; one that was ready has to be looked at again."""
    row = _hold(session, name, version)
    _check_size(text)
    if row.text != text:
        row.text, row.written_by, row.written_at = text, who.person, now
        row.ready_at = row.ready_by = None
    return row


def declare_ready(
    session: Session, name: str, version: int, library: Library, *, who: Who, now: datetime
) -> WrittenScenario:
    """Let a draft be played, after a director's second look; raise Conflict where it cannot."""
    row = _hold(session, name, version)
    if check(name, row.text, library).problems:
        raise Conflict("scenario-has-problems")
    if TO_FILL in row.text:
        raise Conflict("scenario-to-fill")
    row.ready_at, row.ready_by = now, who.person
    timeline.write(session, None, "scenario_ready", who=who, now=now, words_for={"name": name})
    return row


def withdraw(session: Session, name: str, version: int, *, who: Who, now: datetime) -> None:
    """Let nobody prepare it any more; drills that have it already go on with it."""
    row = _hold(session, name, version)
    row.withdrawn_at = now
    timeline.write(session, None, "scenario_withdrawn", who=who, now=now, words_for={"name": name})


def _hold(session: Session, name: str, version: int) -> WrittenScenario:
    row = session.scalar(
        select(WrittenScenario).where(WrittenScenario.name == name).with_for_update()
    )
    if row is None:
        raise NotFound
    if row.withdrawn_at is not None:
        raise Conflict("scenario-withdrawn")
    if row.version != version:
        raise StaleVersion(row.version)
    return row


def _check_size(text: str) -> None:
    if len(text.encode()) > LARGEST:
        raise InvalidInput([FieldError("text", "file-too-large", {"limit": 1})])
