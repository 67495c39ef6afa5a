"""Which reports and steps are due to whom, when, counted from which moment, under a grade."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from workflows.calendar import Calendar
from workflows.criteria import Answer
from workflows.facts import FactValue
from workflows.plan import Clock, Grade, Limit, Plan, Unit

BASES = (
    "occurred",
    "aware",
    "received",
    "verified",
    "graded",
    "regraded",
    "activated",
    "convened",
    "concluded",
    "disposed",
    "terminated",
    "archived",
    "transferred",
    "risk_known",
    "referral_approved",
)
TASK_BASE = "task:"
ALARMS = (0.5, 0.8)
NOTHING: Mapping[str, FactValue] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class DueClock:
    """A clock of the plan that runs; `due_at` None means at once, the law gives no number.

    `starts` names the moment it was counted from; `limit` is "2h", "7d", "3wd" or None.
    `advisory` clocks are shown and never act. `beyond_calendar` warns that working days
    were counted past the end of the table of holidays.
    """

    rule: str
    title: str
    actor: str
    receiver: str
    basis: str
    confidence: str
    starts: str
    starts_at: datetime
    limit: str | None
    due_at: datetime | None
    alarms: tuple[datetime, ...]
    satisfied_by: tuple[str, ...]
    advisory: bool
    repeats: timedelta | None
    beyond_calendar: bool


def due(
    plan: Plan,
    *,
    kind: str,
    grade: Grade | None,
    moments: Mapping[str, datetime],
    setting: str | None,
    calendar: Calendar,
    facts: Mapping[str, FactValue] = NOTHING,
) -> tuple[DueClock, ...]:
    """Return the clocks that run, the earliest due first and those without a number before all.

    A clock whose moment is not known yet does not run; ask again when a moment, the grade
    or the facts change, and keep what ran before: a rule with the same start is the same clock.
    A moment "task:A08" is when the measure A08 was done.
    """
    raise NotImplementedError


def deadline(limit: Limit | None, start: datetime, calendar: Calendar) -> datetime | None:
    """Return when a limit ends: hours by the clock, days at the last second of the last day."""
    raise NotImplementedError


_ = (Answer, Clock, Unit)
