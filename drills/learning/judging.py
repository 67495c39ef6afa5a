"""Whether each expectation of a drill was passed, with the seconds: never a half.

All times are drill time, so pauses, speeds and jumps change nothing. What is measured here is
not editable: evaluators judge beside it, they do not overrule it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from drills import runs, schedule, truth
from drills.colleagues import casting
from drills.colleagues.casting import Cast
from drills.models import DrillInject, DrillRun
from drills.scenario.schema import Expectation, Scenario, minutes
from incident.operations import pace
from incident.operations.drill_time import DrillTime

MET, LATE, MISSED, OPEN, UNASKED = "met", "late", "missed", "open", "unasked"
INJECT = "inject:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One expectation as the desk shows it.

    `since` and `due` are drill times, None where the inject that it counts from has not come.
    `taken` is how much drill time after `since` it came true, None if it has not; `at` the same
    moment by the wall clock. `state` is met, late, missed, open, or unasked: what it counts from
    was never brought, can no longer come, or belongs to a segment that was not played.
    """

    expectation: Expectation
    within: timedelta
    since: timedelta | None
    due: timedelta | None
    taken: timedelta | None
    at: datetime | None
    state: str

    @property
    def is_passed(self) -> bool:
        """Tell whether it was passed, in time."""
        return self.state == MET


@dataclass(frozen=True, slots=True)
class _Run:
    """What the judging of one run needs.

    `fired` are the injects that came, `awaited` those that still can.
    """

    run: DrillRun
    scenario: Scenario
    clock: DrillTime
    desk: truth.Desk
    fired: Mapping[str, DrillInject]
    awaited: frozenset[str]
    cast: Cast
    reached: timedelta


def measure(session: Session, run: DrillRun, now: datetime) -> tuple[Measured, ...]:
    """Return every expectation of a run in the order of the scenario."""
    scenario = runs.scenario_of(run)
    rows = schedule.of_run(session, run)
    clock = pace.of(session, run.key)
    known = _Run(
        run=run,
        scenario=scenario,
        clock=clock,
        desk=truth.Desk(session, run),
        fired=_fired(rows),
        awaited=frozenset(row.inject for row in rows if row.state in schedule.OPEN),
        cast=casting.cast(session, run),
        reached=clock.reached(run.ended_at or now),
    )
    return tuple(_measured(known, wanted) for wanted in scenario.expectations)


def _measured(known: _Run, wanted: Expectation) -> Measured:
    within = minutes(wanted.within)
    since = _since(known, wanted)
    at = _moment(known, wanted) if since is not None else None
    reading = known.clock.reached(at) if at is not None else None
    taken = None if reading is None or since is None else max(timedelta(), reading - since)
    return Measured(
        expectation=wanted,
        within=within,
        since=since,
        due=None if since is None else since + within,
        taken=taken,
        at=at,
        state=_judge(known, wanted, since, taken),
    )


def _judge(
    known: _Run, wanted: Expectation, since: timedelta | None, taken: timedelta | None
) -> str:
    is_over, within = known.run.ended_at is not None, minutes(wanted.within)
    if taken is not None:
        return MET if taken <= within else LATE
    if since is None:
        return OPEN if not is_over and _can_come(known, wanted) else UNASKED
    if is_over and since > known.reached:
        return UNASKED
    return MISSED if is_over or known.reached > since + within else OPEN


def _can_come(known: _Run, wanted: Expectation) -> bool:
    """Tell whether what an expectation counts from can still come."""
    is_played = wanted.segment in known.run.segments
    return is_played and wanted.since.removeprefix(INJECT) in known.awaited


def _since(known: _Run, wanted: Expectation) -> timedelta | None:
    """Return the drill time that an expectation counts from; None where it has not come."""
    if wanted.segment not in known.run.segments:
        return None
    if wanted.since.startswith(INJECT):
        row = known.fired.get(wanted.since.removeprefix(INJECT))
        return None if row is None else timedelta(seconds=row.fired_seconds or 0.0)
    origin = timedelta(seconds=known.run.origin_seconds)
    start = known.scenario.starts_from(wanted.since, wanted.segment) or timedelta()
    return max(origin, start)


def _moment(known: _Run, wanted: Expectation) -> datetime | None:
    """Return when it came true, while the drill lasted, for those of whom it is asked."""
    groups = known.cast.of_parts(known.run, *wanted.parts)
    if not groups:
        found = known.desk.first_true(wanted.when)
    elif wanted.of == "all":
        each = [known.desk.first_true(wanted.when, by) for by in groups]
        found = None if None in each else max(moment for moment in each if moment)
    else:
        found = known.desk.first_true(wanted.when, frozenset().union(*groups))
    ended = known.run.ended_at
    return None if found is None or (ended is not None and found > ended) else found


def _fired(rows: Sequence[DrillInject]) -> dict[str, DrillInject]:
    """Return the injects that came, of those that repeat the first time."""
    found: dict[str, DrillInject] = {}
    for row in rows:
        if row.state == schedule.FIRED:
            found.setdefault(row.inject, row)
    return found
