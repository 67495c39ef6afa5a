"""The course of an incident told again: which clocks ran from when, and how each one ended."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from workflows.calendar import Calendar
from workflows.clocks import ALARMS, NOTHING, DueClock, due
from workflows.facts import FactValue
from workflows.lifecycle import ASIDE, State
from workflows.plan import Grade, Plan

ENDED = ASIDE | {State.REVIEWING, State.CLOSED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that became known at a moment; None leaves as it was what it does not concern.

    `how` is what it satisfies, such as "action:verify", "task:A08" or "briefing:initial". `sets`
    names the moment of workflows.clocks.BASES, or the "task:A08", that it is. `grade` is what was
    approved with it, "ungraded" too. `facts` are all that are known from then on, and `told` the
    moments that only facts tell.
    """

    at: datetime
    how: str | None = None
    sets: str | None = None
    state: str | None = None
    grade: str | None = None
    facts: Mapping[str, FactValue] | None = None
    told: Mapping[str, datetime] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the rules are asked with from a moment on; a grade of None is none, or ungraded."""

    at: datetime
    state: str
    grade: Grade | None
    moments: Mapping[str, datetime]
    facts: Mapping[str, FactValue]

    @property
    def setting(self) -> str | None:
        """Return where it happened, as the facts have it."""
        found = self.facts.get("setting")
        return found if isinstance(found, str) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A clock that ran, with the moment since which the desk owed it."""

    clock: DueClock
    since: datetime

    @property
    def key(self) -> tuple[str, datetime]:
        """Return what tells one clock from the others: its rule and its start."""
        return (self.clock.rule, self.clock.starts_at)


def situations(filed: Mapping[str, datetime], changes: Sequence[Change]) -> tuple[Situation, ...]:
    """Return how things stood after each change, in the order of time.

    `filed` are the moments that stood in the report: occurred, aware, received.
    """
    return tuple(_situations(filed, sorted(changes, key=lambda change: change.at)))


def at(found: Sequence[Situation], moment: datetime) -> Situation | None:
    """Return the situation at a moment, None before the first."""
    return next((one for one in reversed(found) if one.at <= moment), None)


def retrace(
    plan: Plan, kind: str, found: Sequence[Situation], calendar: Calendar
) -> tuple[Ran, ...]:
    """Return the clocks that these situations started, each once, in the order of their coming.

    Of a repeating duty this is the first round; one that is owed late counts from then.
    """
    ran: dict[tuple[str, datetime], Ran] = {}
    repeating: set[str] = set()
    for situation in found:
        for clock in _owed(plan, kind, situation, calendar):
            if clock.repeats is None:
                ran.setdefault((clock.rule, clock.starts_at), Ran(clock=clock, since=situation.at))
            elif clock.rule not in repeating:
                repeating.add(clock.rule)
                begun = _begun(clock, situation.at)
                ran[begun.rule, begun.starts_at] = Ran(clock=begun, since=situation.at)
    return tuple(ran.values())


def done_at(ran: Ran, changes: Sequence[Change], marked: datetime | None) -> datetime | None:
    """Return when a clock was kept: by the first change that satisfies it, or marked by hand."""
    kept = [
        change.at
        for change in changes
        if change.how in ran.clock.satisfied_by and change.at >= ran.since
    ]
    return min([*kept, *([marked] if marked else [])], default=None)


def standing(due_at: datetime | None, kept: datetime | None, now: datetime) -> str:
    """Return done, late, overdue, running, or at_once for a clock without a number."""
    if kept is not None:
        return "late" if due_at is not None and kept > due_at else "done"
    if due_at is None:
        return "at_once"
    return "overdue" if now > due_at else "running"


def _situations(filed: Mapping[str, datetime], changes: Sequence[Change]) -> Iterator[Situation]:
    moments: dict[str, datetime] = dict(filed)
    told: Mapping[str, datetime] = {}
    state, grade = str(State.REPORTED), None
    facts: Mapping[str, FactValue] = NOTHING
    for change in changes:
        if change.sets is not None:
            moments[change.sets] = change.at
        state = change.state or state
        grade = change.grade or grade
        facts = facts if change.facts is None else change.facts
        told = told if change.told is None else change.told
        yield Situation(
            at=change.at,
            state=state,
            grade=Grade(grade) if grade in set(Grade) else None,
            moments={**moments, **told},
            facts=facts,
        )


def _owed(plan: Plan, kind: str, situation: Situation, calendar: Calendar) -> Iterator[DueClock]:
    found = due(
        plan,
        kind=kind,
        grade=situation.grade,
        moments=situation.moments,
        setting=situation.setting,
        calendar=calendar,
        facts=situation.facts,
    )
    ended = situation.state in ENDED
    return (clock for clock in found if not (ended and clock.repeats))


def _begun(clock: DueClock, now: datetime) -> DueClock:
    if clock.repeats is None or clock.due_at is None or clock.due_at > now:
        return clock
    alarms = tuple(now + clock.repeats * part for part in ALARMS)
    return replace(clock, starts_at=now, due_at=now + clock.repeats, alarms=alarms)
