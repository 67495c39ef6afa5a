"""What if a step had been taken earlier or later: nothing is changed, only computed again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from workflows.calendar import Calendar
from workflows.plan import Plan
from workflows.retracing import Change, Ran, done_at, retrace, situations, standing

STEPS: Mapping[str, str] = {
    "verified": "action:verify",
    "graded": "action:approve_grade",
    "activated": "action:activate",
}
"""The steps that may be supposed at another time, by the moment that each one sets."""
ZERO = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A step moved in time. `asked` is by how much it was wanted, `by` how much it could be.

    `bound` names the step that stood in the way, None where none did. `along` are the later steps
    that moved with it.
    """

    step: str
    before: datetime
    asked: timedelta
    by: timedelta
    bound: str | None
    along: tuple[str, ...]

    @property
    def after(self) -> datetime:
        """Return when the step would have been taken."""
        return self.before + self.by


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """One clock in one course: since when it was owed, until when, when kept, how that ended."""

    since: datetime
    starts_at: datetime
    due_at: datetime | None
    done_at: datetime | None
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One clock as it was and as it would have been; None where it does not run at all."""

    ran: Ran
    before: Fate | None
    after: Fate | None

    @property
    def differs(self) -> bool:
        """Tell whether the step's time makes a difference to it."""
        return self.before != self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What an incident went through, as far as its clocks count.

    `marked` is when a clock was marked as kept by hand, by rule and start. `never` are clocks that
    were taken back, since what they counted from was corrected.
    """

    plan: Plan
    kind: str
    filed: Mapping[str, datetime]
    changes: tuple[Change, ...]
    marked: Mapping[tuple[str, datetime], datetime]
    never: frozenset[tuple[str, datetime]] = frozenset()


def taken(changes: Sequence[Change]) -> tuple[str, ...]:
    """Return the steps that may be supposed otherwise: those that were taken."""
    done = {change.how for change in changes}
    return tuple(step for step, how in STEPS.items() if how in done)


def shift(
    course: Course, step: str, asked: timedelta, *, along: bool = False
) -> tuple[Shift, tuple[Change, ...]]:
    """Return a step moved as far as its neighbours let it, and the changes with it moved.

    A step cannot come before the one that it rests on, nor after the one that rests on it: `along`
    moves those of STEPS that follow by the same length. Raise KeyError for a step not taken.
    """
    steps = [change for change in course.changes if _is_step(change)]
    index = next((i for i, change in enumerate(steps) if change.how == STEPS.get(step)), None)
    if index is None:
        raise KeyError(step)
    moved = steps[index : _end_of_chain(steps, index) if along else index + 1]
    by, bound = _bounded(course, steps, index, index + len(moved), asked)
    chosen = {id(change) for change in moved}
    shifted = [
        replace(change, at=change.at + by) if id(change) in chosen else change
        for change in course.changes
    ]
    found = Shift(
        step=step,
        before=steps[index].at,
        asked=asked,
        by=by,
        bound=bound,
        along=tuple(str(change.sets) for change in moved[1:]),
    )
    return found, tuple(sorted(shifted, key=lambda change: change.at))


def compare(
    course: Course, changes: Sequence[Change], *, calendar: Calendar, now: datetime
) -> tuple[Compared, ...]:
    """Return each clock as it was and as it would have been with other changes.

    Clocks of one rule are paired in the order of their starts. `now` is where both courses end.
    """
    before = _by_rule(_run(course, course.changes, calendar))
    after = _by_rule(_run(course, changes, calendar))
    found = []
    for rule in dict.fromkeys((*before, *after)):
        old, new = before.get(rule, []), after.get(rule, [])
        for position in range(max(len(old), len(new))):
            was = old[position] if position < len(old) else None
            would = new[position] if position < len(new) else None
            marked = course.marked.get(was.key) if was else None
            found.append(
                Compared(
                    ran=was or would,  # type: ignore[arg-type]  # one of them is there
                    before=_fate(was, course.changes, marked, now),
                    after=_fate(would, changes, marked, now),
                )
            )
    return tuple(sorted(found, key=_by_time))


def _run(course: Course, changes: Sequence[Change], calendar: Calendar) -> tuple[Ran, ...]:
    told = situations(course.filed, changes)
    found = retrace(course.plan, course.kind, told, calendar)
    return tuple(ran for ran in found if ran.key not in course.never)


def _is_step(change: Change) -> bool:
    """Tell whether a change is a step of the life that bounds the others; proposals are not."""
    return change.sets is not None and (change.how or "").startswith("action:")


def _end_of_chain(steps: Sequence[Change], index: int) -> int:
    """Return the position behind the steps of STEPS that follow one without a gap."""
    end = index + 1
    while end < len(steps) and steps[end].how in STEPS.values():
        end += 1
    return end


def _bounded(
    course: Course, steps: Sequence[Change], first: int, behind: int, asked: timedelta
) -> tuple[timedelta, str | None]:
    """Return how far steps may move, and the name of what stands in the way of going further."""
    if asked < ZERO:
        name, earliest = "received", course.filed["received"]
        if first:
            name, earliest = str(steps[first - 1].sets), steps[first - 1].at
        room = min(ZERO, earliest - steps[first].at)
        return (room, name) if asked < room else (asked, None)
    if behind < len(steps):
        room = max(ZERO, steps[behind].at - steps[behind - 1].at)
        if asked > room:
            return room, str(steps[behind].sets)
    return asked, None


def _by_rule(found: Sequence[Ran]) -> dict[str, list[Ran]]:
    rules: dict[str, list[Ran]] = {}
    for ran in sorted(found, key=lambda ran: ran.clock.starts_at):
        rules.setdefault(ran.clock.rule, []).append(ran)
    return rules


def _fate(
    ran: Ran | None, changes: Sequence[Change], marked: datetime | None, now: datetime
) -> Fate | None:
    if ran is None:
        return None
    kept = done_at(ran, changes, marked)
    return Fate(
        since=ran.since,
        starts_at=ran.clock.starts_at,
        due_at=ran.clock.due_at,
        done_at=kept,
        how=standing(ran.clock.due_at, kept, now),
    )


def _by_time(one: Compared) -> tuple[bool, datetime, datetime, str]:
    fate = one.before or one.after
    assert fate is not None  # noqa: S101 - one of them is there
    due_at = fate.due_at or fate.starts_at
    return (one.ran.clock.advisory, fate.since, due_at, one.ran.clock.rule)
