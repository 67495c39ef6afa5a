"""The clock of a drill as people see it: what it shows, how fast it runs, and why it stands."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from incident.models import Entry, Incident
from incident.operations import pace
from incident.operations.drill_time import DrillTime

RUNNING, PAUSED, FROZEN, PREPARED, ENDED = "running", "paused", "frozen", "prepared", "ended"
END = "drill_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillClock:
    """The clock of a drill at a moment; `state` is running, paused, frozen, prepared or ended."""

    drill: str
    time: DrillTime
    reading: timedelta
    state: str


def show(session: Session, drill: str, now: datetime) -> DrillClock:
    """Return what the clock of a drill shows."""
    time = pace.of(session, drill)
    return DrillClock(
        drill=drill, time=time, reading=time.reached(now), state=_state(session, drill, time)
    )


def _state(session: Session, drill: str, time: DrillTime) -> str:
    if not time.stands:
        return RUNNING
    if not time.runs:
        return PREPARED
    told = session.scalars(select(Entry.data).where(Entry.type == END))
    if any(data.get("drill") == drill for data in told):
        return ENDED
    shelved = exists().where(Incident.drill == drill, Incident.shelved_at.is_not(None))
    return FROZEN if session.scalar(select(shelved)) else PAUSED
