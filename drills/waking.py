"""Bring what waits in a drill: injects whose condition came true, and branches of what expired."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from drills import runs, schedule, truth
from drills.models import DrillInject, DrillRun
from drills.scenario.condition_reading import parse
from drills.scenario.conditions import Condition
from drills.scenario.schema import Branch
from incident.operations import pace
from incident.operations.drill_time import DrillTime
from incident.services import Services


class _Woken(NamedTuple):
    """An inject whose condition came true, and the moment at which it did."""

    id: int
    moment: datetime


def wake(services: Services, key: str) -> bool:
    """Make due what waited for something that has happened; tell whether anything did."""
    with services.reading() as session:
        run, clock = runs.find(session, key, lean=True), pace.of(session, key)
        expired = _expired(session, run, clock.reached(services.now()))
        if not expired and next(_woken(session, run), None) is None:
            return False
    with services.transaction() as session:
        run = runs.hold(session, key, lean=True)
        clock, now = pace.of(session, key), services.now()
        return not clock.stands and _wake(session, run, clock, now)


def _wake(session: Session, run: DrillRun, clock: DrillTime, now: datetime) -> bool:
    expired = _expired(session, run, clock.reached(now))
    for id in expired:
        _expire(session, run, schedule.get(session, run, id), clock, now)
    woken = list(_woken(session, run))
    starts = {one.id: one.start for one in runs.scenario_of(run).segments} if woken else {}
    for one in woken:
        row = schedule.get(session, run, one.id)
        start = starts.get(str(row.content.get("segment")), timedelta())
        row.state = schedule.PLANNED
        row.due_seconds = max(clock.reached(one.moment), start).total_seconds()
    return bool(expired or woken)


def _expire(
    session: Session, run: DrillRun, row: DrillInject, clock: DrillTime, now: datetime
) -> None:
    """Close an inject that nobody answered in time, and take its branch at that time."""
    reading = timedelta(seconds=row.expires_seconds or 0.0)
    row.expired_at = clock.wall(reading) or now
    branch = schedule.inject_of(row).branch or Branch()
    schedule.branch_to(session, run, branch.expired, reading)


def _expired(session: Session, run: DrillRun, reached: timedelta) -> list[int]:
    """Return the ids of what came and can be answered no more, though nobody has said so yet."""
    query = select(DrillInject.id).where(
        DrillInject.run_id == run.id,
        DrillInject.state == schedule.FIRED,
        DrillInject.answered_at.is_(None),
        DrillInject.expired_at.is_(None),
        DrillInject.expires_seconds <= reached.total_seconds(),
    )
    return list(session.scalars(query.order_by(DrillInject.expires_seconds, DrillInject.id)))


def _woken(session: Session, run: DrillRun) -> Iterator[_Woken]:
    when = DrillInject.content["when"].as_string()
    query = select(DrillInject.id, when).where(
        DrillInject.run_id == run.id, DrillInject.state == schedule.WAITING, when.is_not(None)
    )
    seen = truth.Desk(session, run)
    for id, told in session.execute(query.order_by(DrillInject.id)).all():
        moment = seen.first_true(_condition(told))
        if moment is not None:
            yield _Woken(id, moment)


@lru_cache(maxsize=4096)
def _condition(told: str) -> Condition:
    """Read a condition once: the engine asks several times a second."""
    return parse(json.loads(told))
