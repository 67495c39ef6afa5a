"""How a drill goes: what was played, and which expectations were met after how many minutes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import zip_longest

from sqlalchemy import select
from sqlalchemy.orm import Session

from drills.models import DrillRun
from drills.player import PAUSED, RESUMED, elapsed
from drills.scenario import Expectation, Scenario, Timed
from incident.models import Entry

PLAYED, NEXT, WAITING, OMITTED = "played", "next", "waiting", "omitted"
MET, LATE, MISSED, OPEN = "met", "late", "missed", "open"
Span = tuple[datetime, datetime]
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One inject; `state` is played, next, waiting, or omitted where the drill ended before."""

    timed: Timed
    state: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One expected step; `taken` is the drill time after which it was taken, None if not."""

    expectation: Expectation
    within: timedelta
    taken: timedelta | None
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One drill as it stands. `state` is running, paused or ended."""

    run: DrillRun
    scenario: Scenario | None
    state: str
    drill_time: timedelta
    played: tuple[Played, ...]
    measured: tuple[Measured, ...]


def runs(session: Session) -> Sequence[DrillRun]:
    """Return all drills, the newest first."""
    return session.scalars(select(DrillRun).order_by(DrillRun.id.desc())).all()


def state(run: DrillRun) -> str:
    """Return running, paused or ended."""
    return "ended" if run.ended_at else "paused" if run.paused_at else "running"


def course(session: Session, run: DrillRun, scenario: Scenario | None, now: datetime) -> Course:
    """Return how a drill goes; of a scenario that is gone nothing can be measured."""
    reached = elapsed(run, now)
    return Course(
        run=run,
        scenario=scenario,
        state=state(run),
        drill_time=reached,
        played=tuple(_played(run, scenario)) if scenario else (),
        measured=tuple(_measured(session, run, scenario, reached)) if scenario else (),
    )


def _played(run: DrillRun, scenario: Scenario) -> list[Played]:
    found = []
    for number, timed in enumerate(scenario.timeline):
        is_next = number == run.played
        if number < run.played:
            how = PLAYED
        elif run.ended_at:
            how = OMITTED
        else:
            how = NEXT if is_next else WAITING
        found.append(Played(timed=timed, state=how, due_at=_wall(run, timed)))
    return found


def _wall(run: DrillRun, timed: Timed) -> datetime | None:
    """Return when an inject is due by the wall clock; None while the drill's time stands still."""
    if run.paused_at or run.ended_at:
        return None
    length = timed.offset.total_seconds() / run.speed + run.paused_seconds
    return run.started_at + timedelta(seconds=length)


def _measured(
    session: Session, run: DrillRun, scenario: Scenario, reached: timedelta
) -> list[Measured]:
    taken = _first_taken(session, run)
    pauses = _pauses(session, run)
    found = []
    for wanted in scenario.expectations:
        within = scenario.deadline(wanted)
        if wanted.action is None or within is None:
            continue
        at = taken.get(wanted.action)
        after = _drill_time(run, at, pauses) if at else None
        found.append(
            Measured(
                expectation=wanted,
                within=within,
                taken=after,
                state=_judge(after, within, reached, is_over=run.ended_at is not None),
            )
        )
    return found


def _judge(taken: timedelta | None, within: timedelta, reached: timedelta, *, is_over: bool) -> str:
    if taken is not None:
        return MET if taken <= within else LATE
    return MISSED if is_over or reached > within else OPEN


def _first_taken(session: Session, run: DrillRun) -> dict[str, datetime]:
    """Return when each action was first taken in an incident of the drill, while it ran."""
    rows = session.execute(
        select(Entry.type, Entry.entered_at)
        .where(Entry.drill == run.key, Entry.entered_at >= run.started_at)
        .order_by(Entry.seq)
    )
    first: dict[str, datetime] = {}
    for type, at in rows:
        if run.ended_at is None or at <= run.ended_at:
            first.setdefault(type, at)
    return first


def _pauses(session: Session, run: DrillRun) -> list[Span]:
    """Return the pauses, from the entries that tell of them; one that lasts has no end yet."""
    rows = session.execute(
        select(Entry.type, Entry.entered_at, Entry.data)
        .where(Entry.type.in_((PAUSED, RESUMED)), Entry.entered_at >= run.started_at)
        .order_by(Entry.seq)
    )
    own = [(type, at) for type, at, data in rows if data.get("drill") == run.key]
    starts = [at for type, at in own if type == PAUSED]
    ends = [at for type, at in own if type == RESUMED]
    return list(zip_longest(starts, ends, fillvalue=NEVER))


def _drill_time(run: DrillRun, at: datetime, pauses: list[Span]) -> timedelta:
    """Return the drill time at a moment: what was paused before it does not count."""
    paused = sum((min(end, at) - start for start, end in pauses if start < at), timedelta())
    return max(timedelta(), at - run.started_at - paused) * run.speed
