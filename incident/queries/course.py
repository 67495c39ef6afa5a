"""The course of an incident for its review: key times, each against its clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from incident.models import Incident, Review
from incident.operations import pace
from incident.operations.clocks import moments_of
from incident.operations.drill_time import DrillTime
from incident.queries import room

ORDER = (
    "occurred",
    "aware",
    "received",
    "verified",
    "graded",
    "activated",
    "convened",
    "concluded",
    "disposed",
    "regraded",
    "risk_known",
    "referral_approved",
    "transferred",
    "terminated",
    "archived",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTime:
    """A moment of the course; `since` is how long after the report came, by the drill's clock."""

    name: str
    at: datetime
    since: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Everything that a review is written from."""

    times: tuple[KeyTime, ...]
    clocks: tuple[room.Clock, ...]
    late: int
    review: Review | None


def course(session: Session, incident: Incident, now: datetime) -> Course:
    """Return the course as the timeline has it."""
    moments, time = moments_of(incident), pace.time_of(session, incident.drill)
    times = [
        KeyTime(name=name, at=moments[name], since=_since(name, moments[name], incident, time))
        for name in ORDER
        if name in moments
    ]
    counted = tuple(
        sorted(
            (c for c in room.clocks(session, incident, now) if c.due_at and not c.advisory),
            key=lambda c: (c.starts_at, c.due_at or c.starts_at),
        )
    )
    return Course(
        times=tuple(sorted(times, key=lambda one: (one.at, ORDER.index(one.name)))),
        clocks=counted,
        late=sum(clock.is_late for clock in counted),
        review=session.get(Review, incident.id),
    )


def _since(name: str, at: datetime, incident: Incident, time: DrillTime) -> timedelta | None:
    is_before = name in ("occurred", "aware", "received") or at < incident.received_at
    return None if is_before else time.between(incident.received_at, at)
