"""What the auditor last found, for pages and figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.models import EngineLease, Halt, Incident, Oversight, Promise
from incident.operations.promises import PROMISES

ROUND_OLD = timedelta(seconds=150)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One promise: whether it held at the last round, since when, and what was counted."""

    name: str
    holds: bool
    figures: Mapping[str, Any]
    since: datetime
    checked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """The auditor: its last round (None for never), whether it is late, its word to the outside."""

    checked_at: datetime | None
    late: bool
    pinged_at: datetime | None
    ping_problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """An incident whose automation was stopped."""

    id: int
    incident: str
    invariant: str
    told: str
    at: datetime


def findings(session: Session) -> Sequence[Finding]:
    """Return the promises in their order, as of the last round."""
    rows = {row.name: row for row in session.scalars(select(Promise))}
    return [
        Finding(
            name=name,
            holds=row.holds,
            figures=row.figures,
            since=row.since,
            checked_at=row.checked_at,
        )
        for name in PROMISES
        if (row := rows.get(name)) is not None
    ]


def rounds(session: Session, now: datetime) -> Rounds:
    """Return how the auditor stands."""
    row = session.scalar(select(Oversight))
    if row is None:
        return Rounds(checked_at=None, late=True, pinged_at=None, ping_problem=None)
    return Rounds(
        checked_at=row.checked_at,
        late=now - row.checked_at > ROUND_OLD,
        pinged_at=row.pinged_at,
        ping_problem=row.ping_problem,
    )


def stopped(session: Session) -> Sequence[Stopped]:
    """Return the incidents whose automation stands still, the oldest first."""
    rows = session.execute(
        select(Halt.id, Incident.number, Halt.invariant, Halt.told, Halt.at)
        .join(Incident, Incident.id == Halt.incident_id)
        .where(Halt.lifted_at.is_(None))
        .order_by(Halt.at)
    )
    return [
        Stopped(id=id, incident=number, invariant=what, told=told, at=at)
        for id, number, what, told, at in rows
    ]


def turned_at(session: Session) -> datetime | None:
    """Return when the engine last began a turn, None when it never did."""
    return session.scalar(select(EngineLease.turned_at))
