"""The outbox: claim messages that are due, and write down what came of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from incident.models import OutgoingMessage
from incident.operations import delivery
from incident.operations.delivery import DEAD, QUEUED, REFUSED, SENDING, UNCERTAIN
from notifications.message import Accepted, NotProcessed, Outcome, Refused, Sent, Uncertain

LEASE = timedelta(seconds=20)
DELAYS = (2, 5, 15, 60)  # seconds before the next attempt; the last one repeats
WITHOUT_RECEIPTS = timedelta(seconds=10)
MOST_PATIENCE = 60.0  # seconds, where a provider asks for more
EXPIRES = timedelta(hours=24)
ASKS = 3  # unanswered questions after which an uncertain message is sent again, once

CONFIGURATION, NO_CONNECTION, BUSY = "configuration", "no-connection", "busy"
NOT_KNOWN, EXPIRED = "not-known", "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A message that this process alone may send until `lease_until`.

    `is_uncertain` says that it may have been sent before: ask the provider, do not send.
    """

    id: int
    code: str
    to: str = field(repr=False)
    body: str = field(repr=False)
    channel: str
    drill: bool
    attempts: int
    resent: bool
    is_uncertain: bool
    created_at: datetime
    lease_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the provider says of an uncertain message; `found` None means that it cannot say."""

    found: Sequence[Sent] | None


Result = Outcome | Asked


def is_due(session: Session, now: datetime) -> bool:
    """Tell whether there is anything to claim, without locking anything."""
    queries = (_queued(now), _doubtful(now))
    return any(session.scalar(query.limit(1)) is not None for query in queries)


def claim(
    session: Session, now: datetime, *, limit: int, lease: timedelta = LEASE
) -> list[Claimed]:
    """Take messages that are due, the most urgent first; who claims beside us passes them over.

    One whose lease ran out was being sent when somebody died, so it is uncertain.
    """
    due = [
        row
        for query in (_queued(now), _doubtful(now))
        for row in session.scalars(query.limit(limit).with_for_update(skip_locked=True))
    ]
    rows = sorted(due, key=lambda row: (row.priority, row.due_at, row.id))[:limit]
    return [_take(row, now + lease) for row in rows]


def take_over(session: Session, now: datetime) -> None:
    """End the leases of an engine that is gone: what it was sending is uncertain at once.

    Rows that it still holds locked are passed over; their leases run out by themselves.
    """
    rows = session.scalars(
        select(OutgoingMessage)
        .where(OutgoingMessage.state == SENDING, OutgoingMessage.lease_until > now)
        .order_by(OutgoingMessage.id)
        .with_for_update(skip_locked=True)
    )
    for row in rows:
        row.lease_until = now


def record(session: Session, results: Iterable[tuple[Claimed, Result]], now: datetime) -> None:
    """Write down what came of claimed messages, each with its entry on the timeline.

    Nothing is written where the claim is no longer ours: its lease ran out and somebody took
    over, or a receipt was faster than the provider's answer.
    """
    told = {claimed.id: (claimed, result) for claimed, result in results}
    rows = session.scalars(
        select(OutgoingMessage)
        .where(OutgoingMessage.id.in_(told))
        .order_by(OutgoingMessage.id)
        .with_for_update()
    )
    for row in rows:
        claimed, result = told[row.id]
        if row.state == SENDING and row.lease_until == claimed.lease_until:
            row.lease_until = None
            _apply(session, row, result, now)


def _queued(now: datetime) -> Select[OutgoingMessage]:
    """What was not sent yet; of one state alone, so that the index gives the order."""
    return (
        select(OutgoingMessage)
        .where(OutgoingMessage.state == QUEUED, OutgoingMessage.due_at <= now)
        .order_by(OutgoingMessage.priority, OutgoingMessage.due_at, OutgoingMessage.id)
    )


def _doubtful(now: datetime) -> Select[OutgoingMessage]:
    """What may have been sent; there is little of it."""
    waits = and_(OutgoingMessage.state == UNCERTAIN, OutgoingMessage.due_at <= now)
    died = and_(OutgoingMessage.state == SENDING, OutgoingMessage.lease_until <= now)
    return (
        select(OutgoingMessage)
        .where(or_(waits, died))
        .order_by(OutgoingMessage.priority, OutgoingMessage.due_at, OutgoingMessage.id)
    )


def _take(row: OutgoingMessage, lease_until: datetime) -> Claimed:
    is_uncertain = row.state != QUEUED
    row.state, row.lease_until = SENDING, lease_until
    row.attempts += 1
    return Claimed(
        id=row.id,
        code=row.code,
        to=row.to,
        body=row.body,
        channel=row.channel,
        drill=row.drill is not None,
        attempts=row.attempts,
        resent=row.resent,
        is_uncertain=is_uncertain,
        created_at=row.created_at,
        lease_until=lease_until,
    )


def _apply(session: Session, row: OutgoingMessage, result: Result, now: datetime) -> None:
    match result:
        case Accepted(provider_id=provider_id, status=status, receipts=receipts):
            ask_after = delivery.ASK_AFTER if receipts else WITHOUT_RECEIPTS
            delivery.hand_over(session, row, provider_id=provider_id, now=now, ask_after=ask_after)
            delivery.advance(
                session, row, status=status, provider_id=provider_id, error_code=None, now=now
            )
        case NotProcessed():
            _again(session, row, result, now)
        case Uncertain():
            _wait(row, UNCERTAIN, NOT_KNOWN, now)
        case Refused(code=code):
            delivery.give_up(session, row, REFUSED, code, now)
        case Asked(found=found):
            _reconcile(session, row, found, now)


def _again(session: Session, row: OutgoingMessage, outcome: NotProcessed, now: datetime) -> None:
    """It was certainly not sent: again later, but not when it is older than a day."""
    if now - row.created_at > EXPIRES:
        delivery.give_up(session, row, DEAD, EXPIRED, now)
    elif outcome.configuration:
        _wait(row, QUEUED, CONFIGURATION, now, seconds=DELAYS[-1])
    elif outcome.retry_after is not None:
        row.attempts -= 1  # to be asked for patience does not use up an attempt
        _wait(row, QUEUED, BUSY, now, seconds=min(outcome.retry_after, MOST_PATIENCE))
    else:
        _wait(row, QUEUED, NO_CONNECTION, now)


def _reconcile(
    session: Session, row: OutgoingMessage, found: Sequence[Sent] | None, now: datetime
) -> None:
    """Believe the provider: what it has is not sent again, what it has not is.

    One that cannot be asked is asked again a few times, then sent once more.
    """
    if found is None:
        if row.attempts > ASKS and not row.resent:
            _resend(row, now)
        else:
            _wait(row, UNCERTAIN, NOT_KNOWN, now)
        return
    ours = next((each for each in found if not _is_of_another(session, row, each)), None)
    if ours is None:
        _resend(row, now)
        return
    code = None if ours.error_code is None else str(ours.error_code)
    delivery.advance(
        session,
        row,
        status=ours.status,
        provider_id=ours.provider_id,
        error_code=code,
        now=now,
    )


def _is_of_another(session: Session, row: OutgoingMessage, sent: Sent) -> bool:
    """Tell whether what the provider has is known to be another message of the same text."""
    other = select(OutgoingMessage.id).where(
        OutgoingMessage.provider_id == sent.provider_id, OutgoingMessage.id != row.id
    )
    return session.scalar(other.limit(1)) is not None


def _resend(row: OutgoingMessage, now: datetime) -> None:
    row.state, row.resent, row.due_at, row.changed_at = QUEUED, True, now, now


def _wait(
    row: OutgoingMessage, state: str, problem: str, now: datetime, *, seconds: float | None = None
) -> None:
    """Put it back; `seconds` None is the usual delay, which grows with the attempts."""
    usual = DELAYS[min(max(row.attempts, 1), len(DELAYS)) - 1]
    row.state, row.problem, row.changed_at = state, problem, now
    row.due_at = now + timedelta(seconds=usual if seconds is None else seconds)
