"""The result of a run: per objective, per part, per team and per person, with its key times.

All lengths and times are drill time, seconds since the scenario's zero.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from drills import participants, runs, schedule
from drills.learning import judging, marks, scoring
from drills.learning.judging import Measured
from drills.learning.scoring import Score, Tally
from drills.models import DrillRun
from drills.participants import PLAYER, Member
from drills.scenario.conditions import (
    ActionTaken,
    Condition,
    InjectAnswered,
    MessageAnswered,
    leaves,
)
from drills.scenario.schema import Inject, Scenario
from drills.truth import Desk
from incident.models import Entry, Incident, IncidentClock
from incident.operations import clocks, pace
from incident.operations.drill_time import DrillTime
from workflows.lifecycle import Action

PERSONAL = (ActionTaken, MessageAnswered, InjectAnswered)
INJECT, STEP, EXPECTED = "inject", "step", "expected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A part, or a team, with what was expected of it; `name` None is the desk as a whole."""

    name: str | None
    people: tuple[str, ...]
    measured: tuple[Measured, ...]
    tally: Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What was expected of a person's parts; `taken` is how long he himself needed, if he did."""

    measured: Measured
    taken: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One player's own result, for him and the director."""

    id: int
    name: str
    parts: tuple[str, ...]
    lines: tuple[Own, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyClock:
    """A clock of the plan in drill time; `done` None: it was not kept."""

    incident: str
    title: str
    basis: str
    confidence: str
    starts: timedelta
    allowed: timedelta
    taken: timedelta | None
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """A line of the timeline: an inject that came, a step taken, or what was expected by then.

    `state` is that of an expectation, `via` the way of an inject, else None.
    """

    at: timedelta
    kind: str
    text: str
    by: str
    state: str | None = None
    via: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Everything that a result page or a report is made of."""

    run: DrillRun
    scenario: Scenario
    state: str
    length: timedelta
    score: Score
    measured: tuple[Measured, ...]
    parts: tuple[Group, ...]
    teams: tuple[Group, ...]
    members: tuple[Member, ...]
    clocks: tuple[KeyClock, ...]


def result(session: Session, run: DrillRun, now: datetime) -> Result:
    """Return the result of a run as far as it has come."""
    scenario, clock = runs.scenario_of(run), pace.of(session, run.key)
    measured = judging.measure(session, run, now)
    members = tuple(participants.of_run(session, run))
    return Result(
        run=run,
        scenario=scenario,
        state=runs.state(run, clock),
        length=clock.reached(run.ended_at or now) - timedelta(seconds=run.origin_seconds),
        score=scoring.score(scenario.objectives, marks.raw(session, run), measured),
        measured=measured,
        parts=tuple(_parts(scenario, members, measured)),
        teams=tuple(_teams(members, measured)),
        members=members,
        clocks=tuple(_clocks(session, run, clock, run.ended_at or now)),
    )


def people(session: Session, found: Result, of: Collection[int] | None) -> tuple[Person, ...]:
    """Return the results of some players, None: of all."""
    clock, desk = pace.of(session, found.run.key), Desk(session, found.run)
    parts: dict[int, list[Member]] = {}
    for member in found.members:
        if member.row.plays == PLAYER and (of is None or member.user.id in of):
            parts.setdefault(member.user.id, []).append(member)
    titles = {part.id: part.title for part in found.scenario.parts}
    return tuple(
        Person(
            id=user,
            name=own[0].user.display,
            parts=tuple(titles.get(one.row.part or "", "") for one in own),
            lines=tuple(
                Own(measured=one, taken=_own_time(desk, clock, one, user))
                for one in _asked_of(found.measured, {member.row.part for member in own})
            ),
        )
        for user, own in parts.items()
    )


def happened(session: Session, found: Result) -> tuple[Happened, ...]:
    """Return what came, what was done and what was expected, in the order of drill time."""
    clock = pace.of(session, found.run.key)
    lines = (
        *_injects(session, found.run),
        *_steps(session, found.run, clock),
        *_expected(found),
    )
    return tuple(sorted(lines, key=lambda one: one.at))


def said(inject: Inject) -> str:
    """Return what an inject says, empty where it brings figures alone."""
    return str(inject.text or (inject.report or {}).get("narrative") or "")


def _parts(
    scenario: Scenario, members: Sequence[Member], measured: Sequence[Measured]
) -> Iterator[Group]:
    for part in scenario.parts:
        asked = _asked_of(measured, {part.id})
        names = {m.user.id: m.user.display for m in members if m.row.part == part.id}
        if asked:
            yield _group(part.title, tuple(names.values()), asked)
    whole = tuple(one for one in measured if not one.expectation.parts)
    if whole:
        yield _group(None, (), whole)


def _teams(members: Sequence[Member], measured: Sequence[Measured]) -> Iterator[Group]:
    """Return each team with what was asked of its parts; what two teams share counts for both."""
    for team in sorted({m.row.team for m in members if m.row.team}):
        own = [m for m in members if m.row.team == team and m.row.plays == PLAYER]
        names = {m.user.id: m.user.display for m in own}
        if own:
            asked = _asked_of(measured, {m.row.part for m in own})
            yield _group(team, tuple(names.values()), asked)


def _group(name: str | None, names: tuple[str, ...], asked: tuple[Measured, ...]) -> Group:
    return Group(name=name, people=names, measured=asked, tally=scoring.tally(asked))


def _asked_of(measured: Sequence[Measured], parts: Collection[str | None]) -> tuple[Measured, ...]:
    return tuple(one for one in measured if not set(parts).isdisjoint(one.expectation.parts))


def _own_time(desk: Desk, clock: DrillTime, one: Measured, user: int) -> timedelta | None:
    """Return how long a person needed for what only people do; None where he did not do it."""
    if one.since is None or not _is_personal(one.expectation.when):
        return None
    at = desk.first_true(one.expectation.when, {user})
    ended = desk.run.ended_at
    if at is None or (ended is not None and at > ended):
        return None
    return max(timedelta(), clock.reached(at) - one.since)


def _is_personal(condition: Condition) -> bool:
    return any(isinstance(leaf, PERSONAL) for leaf in leaves(condition))


def _clocks(
    session: Session, run: DrillRun, clock: DrillTime, until: datetime
) -> Iterator[KeyClock]:
    rows = session.execute(
        select(IncidentClock, Incident.number)
        .join(Incident, Incident.id == IncidentClock.incident_id)
        .where(Incident.drill == run.key, IncidentClock.advisory.is_(False))
        .order_by(IncidentClock.starts_at, IncidentClock.due_at, IncidentClock.id)
    )
    for row, number in rows:
        if row.due_at is None:
            continue
        done = row.satisfied_at
        kept = done is not None and done <= until
        start = _reading(clock, row.starts_at)
        yield KeyClock(
            incident=number,
            title=row.title,
            basis=row.basis,
            confidence=row.confidence,
            starts=start,
            allowed=_reading(clock, row.due_at) - start,
            taken=_reading(clock, done) - start if kept and done else None,
            is_late=clocks.is_late(row, until),
        )


def _reading(clock: DrillTime, moment: datetime) -> timedelta:
    """Return the drill time of a moment, also of one that the clock did not live to see."""
    last = clock.runs[-1].ended_at if clock.runs else None
    if last is None or moment <= last:
        return clock.reached(moment)
    return clock.reached(last) + (moment - last) * clock.speed


def _injects(session: Session, run: DrillRun) -> Iterator[Happened]:
    for row in schedule.of_run(session, run):
        if row.fired_seconds is not None:
            inject = schedule.inject_of(row)
            at = timedelta(seconds=row.fired_seconds)
            yield Happened(at=at, kind=INJECT, text=said(inject), by=inject.sender, via=inject.via)


def _steps(session: Session, run: DrillRun, clock: DrillTime) -> Iterator[Happened]:
    """Return the steps of the incidents' lives; notes and messages are the incident's own."""
    rows = session.scalars(
        select(Entry)
        .where(Entry.drill == run.key, Entry.incident_id.is_not(None))
        .where(Entry.type.in_([str(action) for action in Action]))
        .order_by(Entry.seq)
    )
    for row in rows:
        at = clock.reached(row.entered_at)
        yield Happened(at=at, kind=STEP, text=row.text, by=row.actor)


def _expected(found: Result) -> Iterator[Happened]:
    """Return each expectation where it came true, else where its time was over."""
    titles = {part.id: part.title for part in found.scenario.parts}
    for one in found.measured:
        if one.since is None or one.due is None:
            continue
        at = one.due if one.taken is None else one.since + one.taken
        wanted = one.expectation
        whom = [titles.get(part, part) for part in wanted.parts]
        yield Happened(at=at, kind=EXPECTED, text=wanted.text, by="、".join(whom), state=one.state)
