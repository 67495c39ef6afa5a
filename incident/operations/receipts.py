"""Receipts of providers: keep each as it comes, merge it into its message, ask where none come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from incident.crashpoints import crashpoint
from incident.models import OutgoingMessage, Receipt
from incident.operations import delivery
from incident.operations.delivery_states import SILENT
from notifications.message import Sent
from notifications.receipt import Receipt as Told

PERSONAL = frozenset({"To", "From", "Body", "Called", "Caller"})
LONGEST = timedelta(hours=24)  # after which nobody asks any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """A message that the provider has, and of which nothing was heard."""

    id: int
    code: str
    to: str = field(repr=False)
    body: str = field(repr=False)
    channel: str
    drill: bool
    provider_id: str


def message_of(session: Session, code: str) -> OutgoingMessage | None:
    """Return the message that a callback's address names."""
    return session.scalar(select(OutgoingMessage).where(OutgoingMessage.code == code))


def keep(session: Session, code: str, told: Told, *, raw: Mapping[str, str], now: datetime) -> None:
    """Keep a receipt until it is merged; one that came before changes nothing."""
    same = select(Receipt.id).where(
        Receipt.provider_id == told.provider_id, Receipt.status == told.status
    )
    if session.scalar(same) is not None:
        return
    session.add(
        Receipt(
            code=code,
            provider_id=told.provider_id,
            status=told.status,
            error_code=None if told.error_code is None else str(told.error_code),
            raw={name: value for name, value in raw.items() if name not in PERSONAL},
            came_at=now,
        )
    )


def is_waiting(session: Session) -> bool:
    """Tell whether a receipt is to be merged."""
    return (
        session.scalar(select(Receipt.id).where(Receipt.merged_at.is_(None)).limit(1)) is not None
    )


def merge(session: Session, now: datetime, *, limit: int) -> int:
    """Merge receipts into their messages; return how many.

    A signed receipt proves that the provider has the message: one that comes before the
    answer to our request is not kept waiting for it.
    """
    waiting = session.scalars(
        select(Receipt).where(Receipt.merged_at.is_(None)).order_by(Receipt.id).limit(limit)
    ).all()
    messages = _held(session, {receipt.code for receipt in waiting})
    crashpoint("receipts.before_merge")
    for receipt in waiting:
        receipt.merged_at = now
        if message := messages.get(receipt.code):
            delivery.advance(
                session,
                message,
                status=receipt.status,
                provider_id=receipt.provider_id,
                error_code=receipt.error_code,
                now=now,
            )
    return len(waiting)


def is_silent(session: Session, now: datetime) -> bool:
    """Tell whether there is a message to ask for."""
    return session.scalar(_silent(now).limit(1)) is not None


def silent(session: Session, now: datetime, *, limit: int) -> list[Silent]:
    """Take messages that nothing was heard of; each is asked for at growing intervals."""
    rows = session.scalars(_silent(now).limit(limit).with_for_update(skip_locked=True))
    return [_asked_for(row, now) for row in rows]


def take_in(session: Session, asked: Silent, sent: Sent, now: datetime) -> None:
    """Take in what the provider answered when asked."""
    message = _held(session, {asked.code}).get(asked.code)
    if message is not None:
        code = None if sent.error_code is None else str(sent.error_code)
        delivery.advance(
            session,
            message,
            status=sent.status,
            provider_id=sent.provider_id,
            error_code=code,
            now=now,
        )


def _silent(now: datetime) -> Select[OutgoingMessage]:
    return (
        select(OutgoingMessage)
        .where(
            OutgoingMessage.state.in_(SILENT),
            OutgoingMessage.due_at <= now,
            OutgoingMessage.created_at > now - LONGEST,
            OutgoingMessage.provider_id.is_not(None),
        )
        .order_by(OutgoingMessage.priority, OutgoingMessage.due_at)
    )


def _held(session: Session, codes: set[str]) -> dict[str, OutgoingMessage]:
    """Return messages by code, locked in the order of their ids."""
    rows = session.scalars(
        select(OutgoingMessage)
        .where(OutgoingMessage.code.in_(codes))
        .order_by(OutgoingMessage.id)
        .with_for_update()
    )
    return {row.code: row for row in rows}


def _asked_for(row: OutgoingMessage, now: datetime) -> Silent:
    row.due_at = now + max(delivery.ASK_AFTER, now - row.changed_at)
    return Silent(
        id=row.id,
        code=row.code,
        to=row.to,
        body=row.body,
        channel=row.channel,
        drill=row.drill is not None,
        provider_id=row.provider_id or "",
    )
