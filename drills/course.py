"""How a drill goes: its clock, what was brought, and which expectations were met."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from drills import runs, schedule
from drills.learning import judging
from drills.learning.judging import Measured
from drills.models import DrillInject, DrillRun
from drills.scenario.schema import Inject, Scenario
from incident.operations import pace
from incident.operations.drill_time import DrillTime

NEXT, OMITTED, HELD = "next", "omitted", "held"
ANSWERED, EXPIRED = "answered", "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """One inject as the control room shows it.

    `state` is waiting, planned, next, held, fired, answered, expired, skipped, failed, or omitted
    where the drill ended before. `due` is drill time; `due_at` when it comes by the wall clock,
    None while the clock stands still.
    """

    row: DrillInject
    inject: Inject
    state: str
    due: timedelta | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One drill as it stands. `scenario` is None for a run of which none was kept."""

    run: DrillRun
    scenario: Scenario | None
    state: str
    clock: DrillTime
    drill_time: timedelta
    injects: tuple[Brought, ...]
    measured: tuple[Measured, ...]


def course(session: Session, run: DrillRun, now: datetime) -> Course:
    """Return how a drill goes."""
    clock = pace.of(session, run.key)
    scenario = runs.scenario_of(run) if run.content else None
    return Course(
        run=run,
        scenario=scenario,
        state=runs.state(run, clock),
        clock=clock,
        drill_time=clock.reached(run.ended_at or now) if run.started_at else _origin(run),
        injects=tuple(_brought(run, schedule.of_run(session, run), clock)),
        measured=judging.measure(session, run, now) if scenario else (),
    )


def _origin(run: DrillRun) -> timedelta:
    return timedelta(seconds=run.origin_seconds)


def _brought(run: DrillRun, rows: Sequence[DrillInject], clock: DrillTime) -> list[Brought]:
    planned = (row.id for row in rows if row.state == schedule.PLANNED and not row.is_held)
    following = next(planned, None)
    found = []
    for row in rows:
        due = None if row.due_seconds is None else timedelta(seconds=row.due_seconds)
        is_open = row.state in schedule.OPEN and run.ended_at is None
        found.append(
            Brought(
                row=row,
                inject=schedule.inject_of(row),
                state=_state(run, row, is_next=row.id == following),
                due=due,
                due_at=clock.wall(due) if due is not None and is_open else None,
            )
        )
    return found


def _state(run: DrillRun, row: DrillInject, *, is_next: bool) -> str:
    if row.state == schedule.FIRED:
        if row.answered_at is not None:
            return ANSWERED
        return EXPIRED if row.expired_at is not None else schedule.FIRED
    if row.state not in schedule.OPEN:
        return row.state
    if run.ended_at is not None:
        return OMITTED
    if row.is_held:
        return HELD
    return NEXT if is_next else row.state
