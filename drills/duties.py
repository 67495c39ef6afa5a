"""The duty of frequency: how often drills have to be held, when the next is due, what is overdue.

Where the law gives no interval nothing is ever due; where no drill is recorded it is not known
when the last one was, and so not since when one is overdue.
"""

import calendar
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import Field, StringConstraints
from sqlalchemy import select
from sqlalchemy.orm import Session

from drills.models import DrillRun, Exercise
from incident.inputs.base import Input, Line, Short
from incident.rulebook import Rulebook
from workflows.divisions import Divisions
from workflows.plan import Confidence

TABLE = Path(__file__).parent / "tables" / "duties.yaml"
EVERY = re.compile(r"^(\d{1,2})([ym])$")
MONTHS = {"y": 12, "m": 1}
SOON_DAYS = 60
Standing = Literal["kept", "soon", "overdue", "unknown", "unmeasured", "repealed"]


class Duty(Input):
    """One duty: whose, where, how often, on what ground and how well that is known."""

    id: Short
    title: Line
    offices: Line
    division: Annotated[str, StringConstraints(pattern=r"^\d{6}$")] | None = None
    every: Annotated[str, StringConstraints(pattern=EVERY.pattern)] | None = None
    basis: Annotated[str, Field(max_length=300)]
    confidence: Confidence
    repealed: Line | None = None

    @property
    def months(self) -> int | None:
        """Return the longest time between two drills; None where the law gives none."""
        found = EVERY.match(self.every or "")
        return int(found[1]) * MONTHS[found[2]] if found else None

    @property
    def acts(self) -> bool:
        """Tell whether it makes anything due: not when it is repealed, or its number doubtful."""
        return self.repealed is None and self.months is not None and self.confidence.acts


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """How one duty stands: the last drill that counts for it, and when the next is due."""

    duty: Duty
    last: date | None
    due: date | None
    planned: date | None
    standing: Standing


@cache
def table() -> Sequence[Duty]:
    """Return all duties in the order of the table."""
    rows = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return [Duty.model_validate(row) for row in rows]


def of_desk(rules: Rulebook) -> Sequence[Duty]:
    """Return the duties that hold where the desk is."""
    return [one for one in table() if _holds(one, rules.divisions, rules.jurisdiction)]


def standing(session: Session, rules: Rulebook, today: date) -> Sequence[Due]:
    """Return how each duty stands, what is overdue first."""
    exercises = session.scalars(
        select(Exercise).where(Exercise.dropped_at.is_(None), Exercise.duty.is_not(None))
    ).all()
    found = [_due(one, exercises, today) for one in of_desk(rules)]
    order = ("overdue", "soon", "unknown", "kept", "unmeasured", "repealed")
    return sorted(found, key=lambda one: (order.index(one.standing), one.due or date.max))


def ended(session: Session, rules: Rulebook, year: int) -> Sequence[tuple[DrillRun, date]]:
    """Return the runs that were played to an end in a year, with the day of it."""
    runs = session.scalars(
        select(DrillRun)
        .where(DrillRun.started_at.is_not(None), DrillRun.ended_at.is_not(None))
        .order_by(DrillRun.ended_at)
    )
    days = ((run, rules.day(run.ended_at)) for run in runs if run.ended_at is not None)
    return [(run, day) for run, day in days if day.year == year]


def later(day: date, months: int) -> date:
    """Return the same day so many months later, or the last of that month."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _holds(duty: Duty, divisions: Divisions, jurisdiction: str) -> bool:
    return duty.division is None or divisions.within(jurisdiction, duty.division)


def _due(duty: Duty, exercises: Iterable[Exercise], today: date) -> Due:
    own = [one for one in exercises if one.duty == duty.id]
    last = max((one.done_on for one in own if one.done_on is not None), default=None)
    planned = min(
        (one.planned_on for one in own if one.done_on is None and one.planned_on >= today),
        default=None,
    )
    months = duty.months
    due = later(last, months) if duty.acts and last is not None and months is not None else None
    return Due(duty=duty, last=last, due=due, planned=planned, standing=_standing(duty, due, today))


def _standing(duty: Duty, due: date | None, today: date) -> Standing:
    if duty.repealed is not None:
        return "repealed"
    if not duty.acts:
        return "unmeasured"
    if due is None:
        return "unknown"
    if due < today:
        return "overdue"
    return "soon" if (due - today).days <= SOON_DAYS else "kept"
