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
    `advisory` clocks are shown and never act: they are doubtful, or owed by somebody who is not
    of the plan's office. `beyond_calendar` warns that working days
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
    running = [
        _started(plan, clock, start, calendar)
        for clock in plan.clocks
        if clock.scope.covers(kind=kind, grade=grade, setting=setting)
        and (clock.when is None or clock.when.answer(facts) is Answer.MET)
        and (start := _start(clock, moments)) is not None
    ]
    return tuple(sorted(running, key=lambda clock: clock.due_at or clock.starts_at))


def deadline(limit: Limit | None, start: datetime, calendar: Calendar) -> datetime | None:
    """Return when a limit ends: hours by the clock, days at the last second of the last day."""
    if limit is None:
        return None
    match limit.unit:
        case Unit.MINUTES:
            return start + timedelta(minutes=limit.number)
        case Unit.HOURS:
            return start + timedelta(hours=limit.number)
        case Unit.DAYS:
            return calendar.add_days(start, limit.number)
        case Unit.WORKING_DAYS:
            return calendar.add_working_days(start, limit.number)


def _start(clock: Clock, moments: Mapping[str, datetime]) -> tuple[str, datetime] | None:
    known = ((name, moments[name]) for name in clock.starts if name in moments)
    return next(known, None)


def _started(plan: Plan, clock: Clock, start: tuple[str, datetime], calendar: Calendar) -> DueClock:
    moment, starts_at = start
    due_at = deadline(clock.within, starts_at, calendar)
    return DueClock(
        rule=clock.id,
        title=clock.title,
        actor=clock.actor,
        receiver=clock.receiver,
        basis=clock.basis,
        confidence=clock.confidence,
        starts=moment,
        starts_at=starts_at,
        limit=str(clock.within) if clock.within else None,
        due_at=due_at,
        alarms=_alarms(starts_at, due_at),
        satisfied_by=clock.satisfied_by,
        advisory=clock.advisory or clock.actor not in plan.office,
        repeats=clock.repeats,
        beyond_calendar=_is_beyond(clock.within, due_at, calendar),
    )


def _alarms(start: datetime, due_at: datetime | None) -> tuple[datetime, ...]:
    if due_at is None:
        return ()
    return tuple(start + share * (due_at - start) for share in ALARMS)


def _is_beyond(limit: Limit | None, due_at: datetime | None, calendar: Calendar) -> bool:
    if limit is None or due_at is None or limit.unit is not Unit.WORKING_DAYS:
        return False
    return not calendar.knows(due_at.astimezone(calendar.zone).date())
