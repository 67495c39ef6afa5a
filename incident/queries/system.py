"""The state of the machinery: engine, queues, documents, and the table of holidays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from incident.models import EngineLease, Entry, Holiday, OutgoingMessage, Receipt, Rendering


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Who drives the engine; None for what never was."""

    holder: str
    epoch: int
    until: datetime
    turned_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Messages of one state, real and drill apart; `oldest` is when the first of them was made."""

    state: str
    real: int
    drill: int
    oldest: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """The press: when it last printed, how many documents wait, how many failed."""

    last_at: datetime | None
    waiting: int
    failed: int


def engine(session: Session) -> Engine | None:
    """Return who drives the engine, None when nobody ever did."""
    row = session.scalar(select(EngineLease))
    if row is None:
        return None
    return Engine(holder=row.holder, epoch=row.epoch, until=row.until, turned_at=row.turned_at)


def queues(session: Session) -> list[Queue]:
    """Return the messages by state."""
    drill = func.count(OutgoingMessage.drill)
    rows = session.execute(
        select(
            OutgoingMessage.state, func.count(), drill, func.min(OutgoingMessage.created_at)
        ).group_by(OutgoingMessage.state)
    )
    return [
        Queue(state=state, real=count - drills, drill=drills, oldest=oldest)
        for state, count, drills, oldest in sorted(rows)
    ]


def unmerged(session: Session) -> int:
    """Return how many of the providers' receipts wait."""
    query = select(func.count()).select_from(Receipt).where(Receipt.merged_at.is_(None))
    return session.scalar(query) or 0


def printed(session: Session) -> Printed:
    """Return how the press stands."""
    done, failed = Rendering.done_at.is_not(None), Rendering.error.is_not(None)
    count = select(func.count()).select_from(Rendering)
    return Printed(
        last_at=session.scalar(
            select(func.max(Rendering.done_at)).where(Rendering.digest.is_not(None))
        ),
        waiting=session.scalar(count.where(~done)) or 0,
        failed=session.scalar(count.where(done, failed)) or 0,
    )


def last_entry(session: Session, type: str) -> datetime | None:
    """Return when an entry of a type was last written by the desk itself, None for never."""
    query = select(func.max(Entry.entered_at)).where(
        Entry.type == type, Entry.incident_id.is_(None)
    )
    return session.scalar(query)


def holidays(session: Session, year: int) -> Sequence[Holiday]:
    """Return the days of a year that differ from their weekday."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    return session.scalars(
        select(Holiday).where(Holiday.day.between(first, last)).order_by(Holiday.day)
    ).all()


def holiday_years(session: Session) -> list[int]:
    """Return the years that the table knows."""
    return sorted({day.year for day in session.scalars(select(Holiday.day))})
