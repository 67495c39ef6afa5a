"""The yearly programme (年度演练计划): plan a drill for a day, tell it done or dropped."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from pydantic import StringConstraints
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from drills import duties, library
from drills.models import DrillRun, Exercise
from incident.errors import Conflict, FieldError, InvalidInput, NotFound
from incident.inputs.base import Day, Input, Line
from incident.operations import timeline
from incident.rulebook import Rulebook
from incident.spreadsheets import Sheet
from incident.who import Who
from incident.words import label, phrase

Title = Annotated[str, StringConstraints(min_length=1, max_length=200)]
COLUMNS = {
    "day": 12,
    "title": 36,
    "office": 24,
    "duty": 28,
    "scenario": 30,
    "state": 10,
    "done": 12,
}


class Planned(Input):
    """A drill to be held: what, by whom, on which day, for which duty, with which scenario.

    `drill` is the key of a run that was held on that day already.
    """

    title: Title
    office: Line
    planned_on: Day
    duty: str | None = None
    scenario: str | None = None
    drill: str | None = None


class Done(Input):
    """A drill that was held on a day; `drill` is the key of its run, None: not played here."""

    done_on: Day
    drill: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One line of the programme: planned, late, done or dropped."""

    row: Exercise
    state: str
    duty: str | None


def plan(session: Session, bring: Planned, *, who: Who, now: datetime, rules: Rulebook) -> Exercise:
    """Put a drill into the programme, also one that was held without being planned."""
    if bring.duty is not None and bring.duty not in {one.id for one in duties.table()}:
        raise InvalidInput([FieldError("duty", "not-one-of")])
    if bring.scenario is not None and bring.scenario not in library.everything(session):
        raise InvalidInput([FieldError("scenario", "not-one-of")])
    row = Exercise(
        title=bring.title,
        office=bring.office,
        duty=bring.duty,
        scenario=bring.scenario,
        planned_on=bring.planned_on,
        drill=None,
        done_on=None,
        entered_by=who.person,
        entered_at=now,
        dropped_at=None,
    )
    session.add(row)
    session.flush()
    words_for = {"title": row.title, "day": row.planned_on.isoformat()}
    timeline.write(session, None, "exercise_planned", who=who, now=now, words_for=words_for)
    if bring.drill is not None:
        held = Done(done_on=bring.planned_on, drill=bring.drill)
        done(session, row.id, held, who=who, now=now, rules=rules)
    return row


def done(
    session: Session, id: int, bring: Done, *, who: Who, now: datetime, rules: Rulebook
) -> Exercise:
    """Tell that a planned drill was held; a run that is named has to have ended."""
    row = _open(session, id)
    if bring.done_on > rules.day(now):
        raise InvalidInput([FieldError("done_on", "in-future")])
    if bring.drill is not None:
        run = session.scalar(select(DrillRun).where(DrillRun.key == bring.drill))
        if run is None or run.started_at is None or run.ended_at is None:
            raise InvalidInput([FieldError("drill", "drill-not-ended")])
    row.done_on, row.drill = bring.done_on, bring.drill
    words_for = {"title": row.title, "day": bring.done_on.isoformat()}
    timeline.write(session, None, "exercise_done", who=who, now=now, words_for=words_for)
    return row


def drop(session: Session, id: int, *, who: Who, now: datetime) -> Exercise:
    """Tell that a planned drill is not held; it stays in the programme as dropped."""
    row = _open(session, id)
    row.dropped_at = now
    words_for = {"title": row.title}
    timeline.write(session, None, "exercise_dropped", who=who, now=now, words_for=words_for)
    return row


def find(session: Session, id: int) -> Exercise:
    """Return a planned drill; raise NotFound."""
    row = session.get(Exercise, id)
    if row is None:
        raise NotFound
    return row


def of_year(session: Session, year: int, today: date) -> Sequence[Listed]:
    """Return the programme of a year in the order of its days."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    rows = session.scalars(
        select(Exercise)
        .where(or_(Exercise.planned_on.between(first, last), Exercise.done_on.between(first, last)))
        .order_by(Exercise.planned_on, Exercise.id)
    )
    titles = {one.id: one.title for one in duties.table()}
    return [
        Listed(row=row, state=_state(row, today), duty=titles.get(row.duty or "")) for row in rows
    ]


def sheet(rows: Sequence[Listed], year: int, organisation: str, language: str) -> Sheet:
    """Return the programme as a sheet."""
    nothing = ""
    return Sheet(
        name=phrase("programme", "sheet", {"year": year}, language),
        title=phrase("programme", "title", {"year": year, "office": organisation}, language),
        heads=tuple(label("programme", name, language) for name in COLUMNS),
        rows=tuple(
            (
                one.row.planned_on.isoformat(),
                one.row.title,
                one.row.office,
                one.duty or nothing,
                one.row.scenario or nothing,
                label("programme", one.state, language),
                one.row.done_on.isoformat() if one.row.done_on else nothing,
            )
            for one in rows
        ),
        widths=tuple(COLUMNS.values()),
    )


def _state(row: Exercise, today: date) -> str:
    if row.dropped_at is not None:
        return "dropped"
    if row.done_on is not None:
        return "done-state"
    return "late" if row.planned_on < today else "planned"


def _open(session: Session, id: int) -> Exercise:
    row = session.get(Exercise, id, with_for_update=True)
    if row is None:
        raise NotFound
    if row.done_on is not None or row.dropped_at is not None:
        raise Conflict("exercise-settled")
    return row
