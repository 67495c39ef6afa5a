"""Which calls a course of an incident would have made, by the plan: first call, steps, siren."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from workflows import escalation, retracing
from workflows.lifecycle import Action, State
from workflows.plan import CalloutEvent, Escalation, Tier
from workflows.response import demands
from workflows.retracing import ENDED, Change, Situation
from workflows.supposing import Compared, Course, Fate

REPORTED, REOPENED = "reported", "reopened"
CALLING = {
    f"action:{Action.ACTIVATE}": "activated",
    f"action:{Action.REGRADE}": "regraded",
    f"action:{Action.REOPEN}": REOPENED,
}
RESPONSE = frozenset(CALLING.values())  # each of these takes the place of those before it
OVERDUE = "overdue"
SILENT = frozenset(ENDED)  # states in which nobody is called any more
LATER = frozenset({*ENDED}) - {State.REVIEWING}  # in which a late clock rings nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """How long a real call lasted: for each tier until its last one was settled, and as a whole.

    A tier without anybody is missing. `ended` is None while it goes on.
    """

    tiers: Mapping[str, timedelta | None]
    ended: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step of a call that would have been taken; `tier` is "desk" for siren and call sheet."""

    at: datetime
    tier: str
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """One call: its event, the rule and title of the clock that is overdue, and its steps."""

    event: str
    rule: str | None
    clock: str | None
    at: datetime
    policy: str
    rungs: tuple[Rung, ...]

    @property
    def siren_at(self) -> datetime | None:
        """Return when the desk's siren comes, None where it does not."""
        return next((rung.at for rung in self.rungs if rung.tier == Tier.DESK), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rings:
    """One call as it was and as it would have been; None where it does not come at all."""

    before: Ring | None
    after: Ring | None

    @property
    def any(self) -> Ring:
        """Return whichever there is."""
        found = self.before or self.after
        assert found is not None  # noqa: S101 - one of them is there
        return found

    @property
    def differs(self) -> bool:
        """Tell whether the step's time makes a difference to it."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class _Begun:
    """The beginning of a call; for a clock its title, and when it was kept after all."""

    at: datetime
    clock: str | None = None
    kept_at: datetime | None = None


Key = tuple[str, str]  # of a call: its event, and which one of them, or the clock's rule


def compare(
    course: Course,
    changes: Sequence[Change],
    clocks: Sequence[Compared],
    answered: Mapping[Key, Answered],
    *,
    now: datetime,
) -> tuple[Rings, ...]:
    """Return each call as it was by the plan and as it would have been with other changes.

    `answered` tells how real calls were answered; the same people are taken to answer as fast.
    """
    old = _rings(course, course.changes, [(one, one.before) for one in clocks], answered, now)
    new = _rings(course, changes, [(one, one.after) for one in clocks], answered, now)
    keys = dict.fromkeys((*old, *new))
    found = [Rings(before=old.get(key), after=new.get(key)) for key in keys]
    return tuple(sorted(found, key=lambda one: one.any.at))


def _rings(
    course: Course,
    changes: Sequence[Change],
    clocks: Sequence[tuple[Compared, Fate | None]],
    answered: Mapping[Key, Answered],
    now: datetime,
) -> dict[Key, Ring]:
    told = retracing.situations(course.filed, changes)
    begun = {**dict(_of_steps(changes)), **dict(_of_clocks(clocks, told, now))}
    rings = {}
    for key, one in begun.items():
        over = min(_over(key[0], one, begun, told), now)
        ring = _ring(course, key, one, told, answered.get(key), over)
        if ring is not None and one.at <= now:
            rings[key] = ring
    return rings


def _of_steps(changes: Sequence[Change]) -> Iterator[tuple[Key, _Begun]]:
    """Yield the calls that steps make; the report itself makes the first."""
    count: dict[str, int] = {}
    if changes:
        yield (REPORTED, "0"), _Begun(changes[0].at)
    for change in changes:
        event = CALLING.get(change.how or "")
        if event is not None:
            yield (event, str(count.get(event, 0))), _Begun(change.at)
            count[event] = count.get(event, 0) + 1


def _of_clocks(
    clocks: Sequence[tuple[Compared, Fate | None]], told: Sequence[Situation], now: datetime
) -> Iterator[tuple[Key, _Begun]]:
    """Yield the calls that clocks make which nobody kept in time."""
    count: dict[str, int] = {}
    for one, fate in clocks:
        clock = one.ran.clock
        position = count.get(clock.rule, 0)
        count[clock.rule] = position + 1
        if fate is None or fate.due_at is None or clock.advisory or fate.how in ("done", "running"):
            continue
        at = max(fate.due_at, fate.since)
        situation = retracing.at(told, at)
        if at <= now and situation is not None and situation.state not in LATER:
            begun = _Begun(at, clock=clock.title, kept_at=fate.done_at)
            yield (OVERDUE, f"{clock.rule}:{position}"), begun


def _over(
    event: str,
    call: _Begun,
    begun: Mapping[Key, _Begun],
    told: Sequence[Situation],
) -> datetime:
    """Return when a call ends whoever answers: a newer one takes its place, or all is over.

    That of a clock ends when the clock is kept.
    """
    ends = [one.at for one in told if one.at > call.at and one.state in SILENT]
    if event != OVERDUE:
        ends += [o.at for (other, _), o in begun.items() if other in RESPONSE and o.at > call.at]
    elif call.kept_at is not None:
        ends.append(call.kept_at)
    return min(ends, default=datetime.max.replace(tzinfo=call.at.tzinfo))


def _ring(
    course: Course,
    key: Key,
    begun: _Begun,
    told: Sequence[Situation],
    answered: Answered | None,
    over: datetime,
) -> Ring | None:
    event, which = key
    at = begun.at
    situation = retracing.at(told, at)
    if situation is None:
        return None
    named = CalloutEvent.ACTIVATED if event == REOPENED else CalloutEvent(event)
    grade, setting = situation.grade, situation.setting
    if not demands(course.plan, grade, setting=setting, kind=course.kind).roles(named):
        return None
    policy = escalation.policy(course.plan, named, grade=grade, setting=setting, kind=course.kind)
    ring = Ring(
        event=event,
        rule=which.rpartition(":")[0] or None,
        clock=begun.clock,
        at=at,
        policy=policy.id,
        rungs=(),
    )
    rungs = [rung for rung in _ladder(policy, at) if _comes(rung, at, answered, over)]
    return replace(ring, rungs=tuple(rungs))


def _ladder(policy: Escalation, start: datetime) -> list[Rung]:
    steps = [
        step
        for tier in (Tier.MAIN, Tier.STAND_IN, Tier.LEADER)
        for step in escalation.ladder(policy, tier)
    ]
    rungs = [
        Rung(at=start + step.after, tier=str(step.to), channels=tuple(map(str, step.channels)))
        for step in steps
    ]
    after = escalation.desk_after(policy)
    if after is not None:
        rungs.append(Rung(at=start + after, tier=str(Tier.DESK), channels=()))
    return sorted(rungs, key=lambda rung: rung.at)


def _comes(rung: Rung, start: datetime, answered: Answered | None, over: datetime) -> bool:
    """Tell whether a step is taken: while its call lasts and somebody of its tier is not settled.

    The first call always comes, also when all is over at once.
    """
    if rung.at > over or (rung.at == over and rung.at != start):
        return False
    if answered is None:
        return True
    after = rung.at - start
    if answered.ended is not None and after >= answered.ended and after:
        return False
    if rung.tier == Tier.DESK:
        return True
    if rung.tier not in answered.tiers:
        return False
    settled = answered.tiers[rung.tier]
    return settled is None or after < settled or not after
