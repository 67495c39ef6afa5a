"""Run, stop, speed up and jump the clock of a drill; what waits for a time waits along."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import Session, aliased

from incident.models import Incident, Stretch
from incident.operations import pacing
from incident.operations.drill_time import REAL, DrillTime


def of(session: Session, drill: str) -> DrillTime:
    """Return the clock of a drill."""
    return DrillTime.of(session.scalars(_stretches(drill)).all())


def time_of(session: Session, drill: str | None) -> DrillTime:
    """Return the clock that rows of a drill, or real ones, go by; real ones ask for nothing."""
    return REAL if drill is None else of(session, drill)


def of_all(session: Session, drills: Iterable[str]) -> dict[str, DrillTime]:
    """Return the clocks of some drills by their key, read at once."""
    wanted = set(drills)
    found: dict[str, list[Stretch]] = {drill: [] for drill in wanted}
    if wanted:
        for row in session.scalars(select(Stretch).where(Stretch.drill.in_(wanted))):
            found[row.drill].append(row)
    return {drill: DrillTime.of(rows) for drill, rows in found.items()}


def run(
    session: Session,
    drill: str,
    *,
    speed: float,
    now: datetime,
    reading: timedelta | None = None,
) -> DrillTime:
    """Let the clock run from now, at a speed; `reading` jumps it there, None goes on.

    Whatever of the drill waits for a time is moved, so that the drill time until it stays the
    same; a jump lets the time between pass for it.
    """
    _hold(session, drill)
    before = of(session, drill)
    shown = before.reached(now)
    _close(session, drill, now)
    start = reading if reading is not None else shown
    session.add(
        Stretch(
            drill=drill,
            started_at=now,
            ended_at=None,
            speed=speed,
            from_seconds=start.total_seconds(),
        )
    )
    session.flush()
    after = of(session, drill)
    if before.runs:
        pacing.move(session, drill, before, after, now)
    return after


def stand(session: Session, drill: str, *, now: datetime) -> None:
    """Let the clock stand still; what waits for a time waits until it runs again."""
    _close(session, drill, now)
    session.flush()


def goes(drill: Any) -> ColumnElement[bool]:
    """Return the condition that rows are real, or of a drill whose clock runs."""
    is_open = exists().where(Stretch.drill == drill, Stretch.ended_at.is_(None))
    return or_(drill.is_(None), is_open)


def incident_goes(incident_id: Any) -> ColumnElement[bool]:
    """Return the same condition for rows that know only their incident's id."""
    own = aliased(Incident)
    return exists().where(own.id == incident_id, goes(own.drill))


def _hold(session: Session, drill: str) -> None:
    """Wait for whoever changes an incident of the drill, and let others wait until the commit.

    So nothing becomes due by the old clock after the new one has begun.
    """
    session.execute(
        select(Incident.id).where(Incident.drill == drill).order_by(Incident.id).with_for_update()
    ).all()


def _close(session: Session, drill: str, now: datetime) -> None:
    for row in session.scalars(_stretches(drill).where(Stretch.ended_at.is_(None))):
        row.ended_at = max(now, row.started_at)


def _stretches(drill: str) -> Select[Stretch]:
    return select(Stretch).where(Stretch.drill == drill).order_by(Stretch.id)
