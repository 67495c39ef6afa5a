"""Play the drills whose clock runs: what is due is told by rows, so a restart changes nothing."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from drills import runs, schedule, telling, truth
from drills.models import DrillInject, DrillRun
from drills.scenario import Branch, Inject
from incident.errors import TocsinError
from incident.operations import pace
from incident.operations.drill_time import DrillTime
from incident.services import Services
from incident.who import DESK, Who

logger = logging.getLogger(__name__)

AT_ONCE = 50  # injects that one look finds
LATE = timedelta(seconds=10)  # of the wall clock: later than that an inject is marked late


def play_due(services: Services) -> int:
    """Play every inject that is due, each in its own transaction; return how many."""
    with services.reading() as session:
        keys = session.scalars(select(DrillRun.key).where(runs.runs_now())).all()
    return sum(_play(services, key) for key in keys)


def fire(services: Services, key: str, inject_id: int, *, who: Who = DESK) -> bool:
    """Play one inject now, unless somebody was faster; return whether it was played.

    One that the desk does not take, such as news of an incident that is over, has failed and
    says why.
    """
    number = _number(services, key, inject_id)
    try:
        with services.transaction() as session:
            return _fire(session, services, key, inject_id, number, who)
    except TocsinError as error:
        logger.warning("drill %s: inject %s cannot be played: %s", key, inject_id, error.code)
        return _fail(services, key, inject_id, error)


def _play(services: Services, key: str) -> int:
    played = 0
    while True:
        with services.reading() as session:
            run = runs.find(session, key)
            reached = pace.of(session, key).reached(services.now())
            ids = schedule.due(session, run, reached, limit=AT_ONCE)
        played += sum(fire(services, key, inject_id) for inject_id in ids)
        if len(ids) < AT_ONCE and not _wake(services, key):
            return played


def _wake(services: Services, key: str) -> bool:
    """Make due what waited for something that has become true; tell whether anything did."""
    with services.reading() as session:
        if not _awake(session, key, services.now()):
            return False
    with services.transaction() as session:
        run = runs.hold(session, key)
        clock = pace.of(session, key)
        if clock.stands:
            return False
        now = services.now()
        found = _awake(session, key, now)
        for row, moment in found:
            _become(session, run, row, moment, clock.reached(now))
    return bool(found)


def _awake(session: Session, key: str, now: datetime) -> list[tuple[DrillInject, datetime]]:
    """Return the injects whose condition has come true, or whose branch is to be taken."""
    run = runs.find(session, key)
    reached = pace.of(session, key).reached(now).total_seconds()
    seen = truth.Desk(session, run)
    found = []
    for row in schedule.of_run(session, run):
        inject = schedule.inject_of(row)
        moment: datetime | None = None
        if row.state == schedule.WAITING and inject.when is not None:
            moment = seen.first_true(inject.when)
        elif row.state == schedule.FIRED and row.expired_at is None and row.answered_at is None:
            is_over = row.expires_seconds is not None and row.expires_seconds <= reached
            moment = now if is_over else None
        if moment is not None:
            found.append((row, moment))
    return found


def _become(
    session: Session, run: DrillRun, row: DrillInject, moment: datetime, reached: timedelta
) -> None:
    if row.state == schedule.WAITING:
        row.state, row.due_seconds = schedule.PLANNED, reached.total_seconds()
        return
    row.expired_at = moment
    branch = schedule.inject_of(row).branch or Branch()
    schedule.branch_to(session, run, branch.expired, reached)


def _number(services: Services, key: str, inject_id: int) -> str | None:
    """Take the number of the incident that an inject opens, before its transaction."""
    with services.reading() as session:
        row = session.get(DrillInject, inject_id)
        inject = schedule.inject_of(row) if row is not None else None
    if inject is None or inject.effect != "report" or row is None:
        return None
    if row.state not in schedule.OPEN:
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
    run = runs.hold(session, key)
    clock, now = pace.of(session, key), services.now()
    row = schedule.get(session, run, inject_id)
    by_hand = who.id is not None
    if row.state not in schedule.OPEN or (not by_hand and not _comes(row, clock, now)):
        return False
    inject = schedule.inject_of(row)
    row.incident = telling.tell(session, run, inject, number, services)
    _mark(row, inject, clock, now)
    row.fired_by = who.id
    logger.info("drill %s: played %s", key, row.inject)
    return True


def _comes(row: DrillInject, clock: DrillTime, now: datetime) -> bool:
    """Tell whether the engine may fire an inject: due, not held, and the clock runs."""
    is_due = row.due_seconds is not None and row.due_seconds <= clock.reached(now).total_seconds()
    return is_due and not row.is_held and not clock.stands


def _mark(row: DrillInject, inject: Inject, clock: DrillTime, now: datetime) -> None:
    reached = clock.reached(now)
    due_at = clock.wall(timedelta(seconds=row.due_seconds)) if row.due_seconds is not None else None
    row.state, row.is_held = schedule.FIRED, False
    row.fired_at, row.fired_seconds = now, reached.total_seconds()
    row.is_late = due_at is not None and now - due_at > LATE
    if (length := schedule.expires_after(inject)) is not None:
        row.expires_seconds = (reached + length).total_seconds()


def _fail(services: Services, key: str, inject_id: int, error: TocsinError) -> bool:
    with services.transaction() as session:
        run = runs.hold(session, key)
        row = schedule.get(session, run, inject_id)
        if row.state not in schedule.OPEN:
            return False
        clock, now = pace.of(session, key), services.now()
        inject = schedule.inject_of(row)
        _mark(row, inject, clock, now)
        row.state, row.problem, row.expires_seconds = schedule.FAILED, error.code[:60], None
        telling.tell_failure(session, run, inject, error, now)
    return True
