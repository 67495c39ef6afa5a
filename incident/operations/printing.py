"""Documents that wait to be printed: claim one, and write down what came of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from incident.models import Briefing, Rendering

LEASE = timedelta(seconds=90)  # a press that starts, and one document that takes all its time
DELAYS = (1, 5)  # seconds before the second and the third attempt
ATTEMPTS = len(DELAYS) + 1
LONGEST_ERROR = 300
DIED = "the engine ended while printing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A document that this process alone prints until `lease_until`."""

    id: int
    document: dict[str, Any]
    attempts: int
    lease_until: datetime


def is_due(session: Session, now: datetime) -> bool:
    """Tell whether anything waits, without locking anything."""
    return session.scalar(_due(now).limit(1)) is not None


def claim(session: Session, now: datetime) -> Claimed | None:
    """Take the document that waits longest; None when none does.

    One that has ended an engine at every attempt is ended here.
    """
    row = session.scalar(_due(now).limit(1).with_for_update(skip_locked=True))
    if row is None:
        return None
    row.attempts += 1
    row.lease_until = now + LEASE
    if row.attempts > ATTEMPTS:
        _end(row, DIED, now)
        return None
    return Claimed(
        id=row.id, document=row.document, attempts=row.attempts, lease_until=row.lease_until
    )


def take_over(session: Session, now: datetime) -> None:
    """End the leases of an engine that is gone, so that its document need not wait."""
    rows = session.scalars(
        select(Rendering)
        .where(Rendering.done_at.is_(None), Rendering.lease_until > now)
        .with_for_update(skip_locked=True)
    )
    for row in rows:
        row.lease_until = now


def printed(session: Session, claimed: Claimed, digest: str, now: datetime) -> None:
    """The PDF is in the store; a draft printed late does not replace the issued one."""
    row = _ours(session, claimed)
    if row is None:
        return
    row.done_at, row.digest, row.error, row.lease_until = now, digest, None, None
    briefing = session.get(Briefing, row.briefing_id, with_for_update=True)
    if briefing is not None and briefing.status == claimed.document.get("status"):
        briefing.digest = digest


def failed(session: Session, claimed: Claimed, error: str, now: datetime) -> None:
    """It was not printed: again later, or never when it has failed three times."""
    row = _ours(session, claimed)
    if row is None:
        return
    if row.attempts >= ATTEMPTS:
        _end(row, error, now)
        return
    row.error, row.lease_until = error[:LONGEST_ERROR], None
    row.due_at = now + timedelta(seconds=DELAYS[row.attempts - 1])


def _due(now: datetime) -> Select[Rendering]:
    return (
        select(Rendering)
        .where(
            Rendering.done_at.is_(None),
            Rendering.due_at <= now,
            or_(Rendering.lease_until.is_(None), Rendering.lease_until <= now),
        )
        .order_by(Rendering.due_at, Rendering.id)
    )


def _ours(session: Session, claimed: Claimed) -> Rendering | None:
    row = session.get(Rendering, claimed.id, with_for_update=True)
    if row is None or row.done_at is not None or row.lease_until != claimed.lease_until:
        return None
    return row


def _end(row: Rendering, error: str, now: datetime) -> None:
    row.done_at, row.error, row.lease_until = now, error[:LONGEST_ERROR], None
