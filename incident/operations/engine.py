"""Who drives the engine: one lease for the whole desk, with an epoch that grows by takeover."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.models import EngineLease

LASTS = timedelta(seconds=15)
THE_ONE = 1


class LeaseLost(Exception):
    """Another engine drives; whatever was under way here must not be written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to drive, of one holder in one epoch."""

    holder: str
    epoch: int


def take_lease(session: Session, holder: str, now: datetime) -> Lease | None:
    """Take the lease, or renew it and note the turn; None while somebody else drives.

    `holder` names one run of one process, so that a process started anew is another.
    """
    row = session.scalar(select(EngineLease).where(EngineLease.id == THE_ONE).with_for_update())
    if row is None:
        row = EngineLease(id=THE_ONE, holder=holder, epoch=1, until=now, turned_at=now)
        session.add(row)
    elif row.holder != holder:
        if now < row.until:
            return None
        row.holder, row.epoch = holder, row.epoch + 1
    row.until, row.turned_at = now + LASTS, now
    session.flush()
    return Lease(holder=holder, epoch=row.epoch)


def check(session: Session, lease: Lease) -> None:
    """Raise LeaseLost when another engine has taken over.

    It only looks, and locks nothing: an engine that was stopped within a transaction must
    not hold up the one that takes over. What it may still write is guarded row by row.
    """
    epoch = session.scalar(select(EngineLease.epoch).where(EngineLease.id == THE_ONE))
    if epoch != lease.epoch:
        raise LeaseLost(lease.holder)


def release(session: Session, lease: Lease, now: datetime) -> None:
    """Give the lease back, so that the next engine need not wait for its end."""
    row = session.scalar(select(EngineLease).where(EngineLease.id == THE_ONE).with_for_update())
    if row is not None and row.epoch == lease.epoch:
        row.until = now


def last_turn(session: Session) -> datetime | None:
    """Return when an engine last turned; None when none ever did."""
    return session.scalar(select(EngineLease.turned_at).where(EngineLease.id == THE_ONE))
