"""Play the drills whose clock runs: what is due is told by rows, so a restart changes nothing."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from drills import runs, schedule, telling, waking
from drills.colleagues import playing
from drills.faults import ELSEWHERE, UNFORESEEN
from drills.models import DrillInject, DrillRun
from incident.errors import Conflict, TocsinError
from incident.operations import pace
from incident.operations.drill_time import DrillTime
from incident.services import Services
from incident.who import DESK, Who

logger = logging.getLogger(__name__)

AT_ONCE = 100  # injects that one look plays; the desk's own work comes between two looks
LATE = timedelta(seconds=10)  # of the wall clock: later than that an inject is marked late
GIVE_UP = timedelta(seconds=30)  # after it was due, for one that fails in a way nobody foresaw
MEANWHILE = "changed-meanwhile"


def play_due(services: Services) -> int:
    """Play every inject that is due, each in its own transaction; return how many.

    What goes wrong with one inject stops no other, and in one drill no other drill: it is raised
    in the end.
    """
    with services.reading() as session:
        keys = session.scalars(select(DrillRun.key).where(runs.runs_now())).all()
    played, wrong = 0, []
    for key in keys:
        try:
            played += _play(services, key)
        except ELSEWHERE:
            raise
        except Exception as error:
            logger.exception("drill %s cannot be played", key)
            wrong.append(error)
    if wrong:
        raise wrong[0]
    return played


def fire(services: Services, key: str, inject_id: int, *, who: Who = DESK) -> bool:
    """Play one inject now, unless somebody was faster; return whether it was played.

    One that the desk does not take, such as news of an incident that is over, has failed and
    says why. By hand, raise Conflict where the drill neither runs nor pauses.
    """
    number = _prepare(services, key, inject_id, who)
    try:
        with services.transaction() as session:
            return _fire(session, services, key, inject_id, number, who)
    except TocsinError as error:
        logger.warning("drill %s: inject %s cannot be played: %s", key, inject_id, error.code)
        return error.code != MEANWHILE and _fail(services, key, inject_id, error.code)


def next_due(services: Services, key: str) -> timedelta | None:
    """Return the drill time of what comes next; None: nothing comes by the time any more."""
    with services.reading() as session:
        run = runs.find(session, key)
        coming = schedule.next_due(session, run)
    deed = playing.next_due(services, key) if run.colleagues else None
    return min((one for one in (coming, deed) if one is not None), default=None)


def _play(services: Services, key: str) -> int:
    """Play what is due, and what that brings about in its turn; try nothing twice."""
    played, tried = 0, set[int]()
    while len(tried) < AT_ONCE:
        fresh = [id for id in _due(services, key) if id not in tried]
        if not fresh and not waking.wake(services, key) and not playing.play(services, key):
            break
        played += sum(_try(services, key, id) for id in fresh)
        tried.update(fresh)
    return played


def _due(services: Services, key: str) -> list[int]:
    with services.reading() as session:
        run, clock = runs.find(session, key, lean=True), pace.of(session, key)
        if clock.stands:
            return []
        return list(schedule.due(session, run, clock.reached(services.now()), limit=AT_ONCE))


def _try(services: Services, key: str, inject_id: int) -> bool:
    """Play an inject; one that fails unforeseen is tried again for a while, then given up."""
    try:
        return fire(services, key, inject_id)
    except ELSEWHERE:
        raise
    except Exception:
        logger.exception("drill %s: inject %s failed", key, inject_id)
        return _is_hopeless(services, key, inject_id) and _fail(
            services, key, inject_id, UNFORESEEN
        )


def _is_hopeless(services: Services, key: str, inject_id: int) -> bool:
    with services.reading() as session:
        row, clock = session.get(DrillInject, inject_id), pace.of(session, key)
    late = _lateness(row, clock, services.now()) if row is not None else None
    return late is not None and late > GIVE_UP


def _prepare(services: Services, key: str, inject_id: int, who: Who) -> str | None:
    """Take the number of the incident that an inject opens, before its transaction."""
    with services.reading() as session:
        run, clock = runs.find(session, key, lean=True), pace.of(session, key)
        if who.id is not None and not _by_hand(run, clock):
            raise Conflict("drill-not-running")
        row = session.get(DrillInject, inject_id)
        if row is None or row.run_id != run.id or row.state not in schedule.OPEN:
            return None
        inject = schedule.inject_of(row)
    if inject.effect != "report":
        return None
    return services.take_number(str((inject.report or {})["kind"]), drill=True)


def _fire(
    session: Session,
    services: Services,
    key: str,
    inject_id: int,
    number: str | None,
    who: Who,
) -> bool:
    run = runs.hold(session, key, lean=True)
    clock, now = pace.of(session, key), services.now()
    row = schedule.get(session, run, inject_id)
    comes = _comes(row, clock, now) if who.id is None else _by_hand(run, clock)
    if row.state not in schedule.OPEN or not comes:
        return False
    inject = schedule.inject_of(row)
    row.incident = telling.tell(session, run, inject, number, services)
    _mark(row, clock, now)
    if (length := schedule.expires_after(inject)) is not None:
        row.expires_seconds = (clock.reached(now) + length).total_seconds()
    row.state, row.fired_by = schedule.FIRED, who.id
    logger.info("drill %s: played %s", key, row.inject)
    return True


def _comes(row: DrillInject, clock: DrillTime, now: datetime) -> bool:
    """Tell whether the engine may fire an inject: due, not held, and the clock runs."""
    is_due = row.due_seconds is not None and row.due_seconds <= clock.reached(now).total_seconds()
    return is_due and not row.is_held and not clock.stands


def _by_hand(run: DrillRun, clock: DrillTime) -> bool:
    """Tell whether the director may fire injects: also in a pause, not once it is frozen."""
    return runs.state(run, clock) in (runs.RUNNING, runs.STANDING)


def _mark(row: DrillInject, clock: DrillTime, now: datetime) -> None:
    late = _lateness(row, clock, now)
    row.is_held, row.is_late = False, late is not None and late > LATE
    row.fired_at, row.fired_seconds = now, clock.reached(now).total_seconds()


def _lateness(row: DrillInject, clock: DrillTime, now: datetime) -> timedelta | None:
    """Return how long ago, by the wall clock, an inject was due; None: it has no time."""
    due_at = clock.wall(timedelta(seconds=row.due_seconds)) if row.due_seconds is not None else None
    return None if due_at is None else now - due_at


def _fail(services: Services, key: str, inject_id: int, problem: str) -> bool:
    """Write down that an inject failed; its content is not looked at, for it may be to blame."""
    with services.transaction() as session:
        run = runs.hold(session, key, lean=True)
        row = schedule.get(session, run, inject_id)
        if row.state not in schedule.OPEN:
            return False
        now = services.now()
        _mark(row, pace.of(session, key), now)
        row.state, row.problem = schedule.FAILED, problem[:60]
        telling.tell_failure(session, run, row, now)
    return True
