"""What evaluators say of the criteria of a run: given, changed, and who may see whose."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from sqlalchemy import select
from sqlalchemy.orm import Session

from drills import runs
from drills.learning import after_actions, scoring
from drills.learning.scoring import MARKS, RawMark
from drills.models import DrillFile, DrillRun, Mark
from drills.scenario.schema import Indicator, Objective
from incident.errors import FieldError, InvalidInput, NotFound
from incident.inputs.base import Input, printable
from incident.models import User
from incident.who import Who

MARKED = "drill_marked"


class Remark(Input):
    """What an evaluator writes beside a mark."""

    note: Annotated[str, StringConstraints(max_length=500), AfterValidator(printable)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one evaluator said of a criterion."""

    evaluator: str
    mark: str
    note: str | None
    at: datetime
    file: DrillFile | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One criterion on an evaluator's sheet; `others` is empty until he has given his own mark.

    `hidden` is how many others have judged it already.
    """

    place: int
    indicator: Indicator
    own: Said | None
    others: tuple[Said, ...]
    hidden: int
    spread: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One objective on the sheet."""

    objective: Objective
    lines: tuple[Line, ...]


def give(
    session: Session,
    key: str,
    objective: str,
    place: int,
    mark: str,
    *,
    note: str | None,
    file: DrillFile | None,
    who: Who,
    now: datetime,
) -> Mark:
    """Set an evaluator's mark; what he said before is replaced, but a photo stays without a new.

    Raise NotFound, InvalidInput, and Conflict once the report is issued.
    """
    run = runs.hold(session, key)
    after_actions.require_open(session, run)
    if mark not in MARKS:
        raise InvalidInput([FieldError("mark", "required")])
    found = next((one for one in runs.scenario_of(run).objectives if one.id == objective), None)
    if found is None or not 0 <= place < len(scoring.criteria(found)):
        raise NotFound
    row = _row(session, run, objective, place, who)
    row.mark, row.note, row.at = mark, note, now
    row.file_id = file.id if file else row.file_id
    session.add(row)
    text = scoring.criteria(found)[place].text
    told = {"objective": objective, "criterion": place, "mark": mark}
    runs.note(session, run, MARKED, who, now, data=told, criterion=text)
    return row


def of_run(session: Session, run: DrillRun) -> Sequence[Mark]:
    """Return all marks of a run."""
    return session.scalars(select(Mark).where(Mark.run_id == run.id).order_by(Mark.id)).all()


def raw(session: Session, run: DrillRun) -> tuple[RawMark, ...]:
    """Return the marks as the scoring takes them."""
    return tuple(
        RawMark(
            objective=one.objective,
            criterion=one.criterion,
            evaluator=one.evaluator_id,
            mark=one.mark,
        )
        for one in of_run(session, run)
    )


def sheet(session: Session, run: DrillRun, who: Who, *, sees_all: bool) -> tuple[Part, ...]:
    """Return the sheet of an evaluator, or of the director, who sees all marks at once."""
    said: dict[tuple[str, int], dict[int, Said]] = {}
    for row in of_run(session, run):
        told = said.setdefault((row.objective, row.criterion), {})
        told[row.evaluator_id] = _said(session, row)
    return tuple(
        Part(
            objective=objective,
            lines=tuple(
                _line(place, indicator, said.get((objective.id, place), {}), who, sees_all=sees_all)
                for place, indicator in enumerate(scoring.criteria(objective))
            ),
        )
        for objective in runs.scenario_of(run).objectives
    )


def photo(session: Session, run: DrillRun, file_id: int, who: Who, *, sees_all: bool) -> DrillFile:
    """Return a photo of a mark that a person may see; raise NotFound."""
    for part in sheet(session, run, who, sees_all=sees_all):
        for line in part.lines:
            for said in (line.own, *line.others):
                if said and said.file and said.file.id == file_id:
                    return said.file
    raise NotFound


def _line(
    place: int, indicator: Indicator, said: dict[int, Said], who: Who, *, sees_all: bool
) -> Line:
    own = said.get(who.person)
    others = tuple(one for by, one in sorted(said.items()) if by != who.person)
    is_open = sees_all or own is not None
    places = [MARKS.index(one.mark) for one in said.values()]
    return Line(
        place=place,
        indicator=indicator,
        own=own,
        others=others if is_open else (),
        hidden=0 if is_open else len(others),
        spread=max(places) - min(places) if places and is_open else 0,
    )


def _said(session: Session, row: Mark) -> Said:
    user = session.get_one(User, row.evaluator_id)
    file = session.get(DrillFile, row.file_id) if row.file_id else None
    return Said(evaluator=user.display, mark=row.mark, note=row.note, at=row.at, file=file)


def _row(session: Session, run: DrillRun, objective: str, place: int, who: Who) -> Mark:
    found = session.scalar(
        select(Mark).where(
            Mark.run_id == run.id,
            Mark.objective == objective,
            Mark.criterion == place,
            Mark.evaluator_id == who.person,
        )
    )
    return found or Mark(
        run_id=run.id, objective=objective, criterion=place, evaluator_id=who.person
    )
