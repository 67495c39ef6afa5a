"""The outbox: claim messages that are due, and write down what came of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select, update
from sqlalchemy.orm import Session

from incident.models import AlertPerson, OutgoingMessage
from incident.operations import arrival, delivery
from incident.operations.delivery_states import DEAD, QUEUED, REFUSED, SENDING, UNCERTAIN
from notifications.message import Accepted, NotProcessed, Outcome, Refused, Sent, Uncertain

LEASE = timedelta(seconds=20)
PATIENT = 5  # the priority of drills and tests, and all that is less urgent than they
DELAYS = (2, 5, 15, 60)  # seconds before the next attempt; the last one repeats
WITHOUT_RECEIPTS = timedelta(seconds=10)
MOST_PATIENCE = 60.0  # seconds, where a provider asks for more
LONG_WAIT = 10.0  # seconds to be patient, from which on an alert takes its next channel
EXPIRES = timedelta(hours=24)
ASKS = 3  # unanswered questions after which an uncertain message is sent again, once

CONFIGURATION, NO_CONNECTION, BUSY = "configuration", "no-connection", "busy"
NOT_KNOWN, EXPIRED = "not-known", "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A message that this process alone may send until `lease_until`.

    `is_uncertain` says that it may have been sent before: ask the provider, do not send.
    `provider` is who alone may have it or is to send it, None for any.
    """

    id: int
    code: str
    to: str = field(repr=False)
    body: str = field(repr=False)
    channel: str
    provider: str | None = None
    drill: bool
    priority: int
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
_NAMES = "id code to body channel provider drill priority state attempts resent created_at due_at"
_CLAIMED = [getattr(OutgoingMessage, name) for name in _NAMES.split()]


def is_due(session: Session, now: datetime) -> bool:
    """Tell whether there is anything to claim, without locking anything."""
    queries = (_queued(now), _doubtful(now))
    return any(session.scalar(query.limit(1)) is not None for query in queries)


def _called_by(session: Session, rows: Iterable[OutgoingMessage]) -> Sequence[AlertPerson]:
    ids = {row.alert_person_id for row in rows if row.alert_person_id is not None}
    if not ids:
        return ()
    return session.scalars(select(AlertPerson).where(AlertPerson.id.in_(ids))).all()


def is_urgent(session: Session, now: datetime) -> bool:
    """Tell whether something waits that is no drill's."""
    urgent = _queued(now).where(OutgoingMessage.priority < PATIENT)
    return session.scalar(urgent.limit(1)) is not None


def claim(
    session: Session, now: datetime, *, limit: int, patient: int | None = None
) -> list[Claimed]:
    """Take messages that are due, the most urgent first; who claims beside us passes them over.

    One whose lease ran out was being sent when somebody died, so it is uncertain. `patient` is
    how many of drills and tests may be taken, beside `limit` of the others; None: they count too.
    """
    if patient is None:
        return _claim(session, now, limit)
    urgent = _claim(session, now, limit, OutgoingMessage.priority < PATIENT) if limit else []
    waiting = _claim(session, now, patient, OutgoingMessage.priority >= PATIENT) if patient else []
    return urgent + waiting


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
    ).all()
    _people = _called_by(session, rows)  # held, so that each is found without a question
    for row in rows:
        claimed, result = told[row.id]
        if row.state == SENDING and row.lease_until == claimed.lease_until:
            row.lease_until = None
            _apply(session, row, result, now)


def _claim(
    session: Session, now: datetime, limit: int, *narrowed: ColumnElement[bool]
) -> list[Claimed]:
    due = [
        row
        for query in (_queued(now), _doubtful(now))
        for row in session.execute(
            query.with_only_columns(*_CLAIMED)
            .where(*narrowed)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    ]
    rows = sorted(due, key=lambda row: (row.priority, row.due_at, row.id))[:limit]
    if rows:
        taking = update(OutgoingMessage).where(OutgoingMessage.id.in_([row.id for row in rows]))
        session.execute(
            taking.values(
                state=SENDING, lease_until=now + LEASE, attempts=OutgoingMessage.attempts + 1
            ).execution_options(synchronize_session=False)
        )
    return [_taken(row, now + LEASE) for row in rows]


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


def _taken(row: Row[*tuple[Any, ...]], lease_until: datetime) -> Claimed:
    return Claimed(
        id=row.id,
        code=row.code,
        to=row.to,
        body=row.body,
        channel=row.channel,
        provider=row.provider,
        drill=row.drill is not None,
        priority=row.priority,
        attempts=row.attempts + 1,
        resent=row.resent,
        is_uncertain=row.state != QUEUED,
        created_at=row.created_at,
        lease_until=lease_until,
    )


def _apply(session: Session, row: OutgoingMessage, result: Result, now: datetime) -> None:
    match result:
        case Accepted(provider_id=provider_id, status=status, receipts=receipts):
            row.provider = result.provider
            ask_after = delivery.ASK_AFTER if receipts else WITHOUT_RECEIPTS
            delivery.hand_over(session, row, provider_id=provider_id, now=now, ask_after=ask_after)
            delivery.advance(
                session, row, status=status, provider_id=provider_id, error_code=None, now=now
            )
        case NotProcessed():
            _again(session, row, result, now)
        case Uncertain(provider=provider):
            row.provider = provider
            _wait(row, UNCERTAIN, NOT_KNOWN, now)
        case Refused(code=code):
            delivery.give_up(session, row, REFUSED, code, now)
        case Asked(found=found):
            _reconcile(session, row, found, now)


def _again(session: Session, row: OutgoingMessage, outcome: NotProcessed, now: datetime) -> None:
    """It was certainly not sent: again later, but not when nobody needs it or it is too old."""
    if arrival.withdrawn(session, row, now=now):
        return
    if now - row.created_at > EXPIRES:
        delivery.give_up(session, row, DEAD, EXPIRED, now)
    elif outcome.configuration:
        _closed(session, row, CONFIGURATION, now)
        _wait(row, QUEUED, CONFIGURATION, now, seconds=DELAYS[-1])
    elif outcome.retry_after is not None:
        row.attempts -= 1  # to be asked for patience does not use up an attempt
        if outcome.retry_after >= LONG_WAIT:
            _closed(session, row, BUSY, now)
        _wait(row, QUEUED, BUSY, now, seconds=min(outcome.retry_after, MOST_PATIENCE))
    else:
        _wait(row, QUEUED, NO_CONNECTION, now)


def _closed(session: Session, row: OutgoingMessage, problem: str, now: datetime) -> None:
    """The way is closed for a while: whoever waits for this is called by the next one, once."""
    if row.problem != problem:
        row.problem = problem
        arrival.failed(session, row, now=now)


def _reconcile(
    session: Session, row: OutgoingMessage, found: Sequence[Sent] | None, now: datetime
) -> None:
    """Believe the provider: what it has is not sent again, what it has not is.

    One that cannot be asked is asked again a few times, then sent once more; after a day nobody
    asks any longer.
    """
    if found is None:
        if now - row.created_at > EXPIRES:
            delivery.give_up(session, row, DEAD, EXPIRED, now)
        elif row.attempts > ASKS and not row.resent:
            _resend(session, row, now)
        else:
            _wait(row, UNCERTAIN, NOT_KNOWN, now)
        return
    ours = next((each for each in found if not _is_of_another(session, row, each)), None)
    if ours is None:
        _resend(session, row, now)
        return
    row.provider = ours.provider or row.provider
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


def _resend(session: Session, row: OutgoingMessage, now: datetime) -> None:
    """Send it once more, unless whom it calls has answered meanwhile."""
    if arrival.withdrawn(session, row, now=now):
        return
    row.state, row.resent, row.due_at, row.changed_at = QUEUED, True, now, now
    row.provider = None  # nobody has it: any may try


def _wait(
    row: OutgoingMessage, state: str, problem: str, now: datetime, *, seconds: float | None = None
) -> None:
    """Put it back; `seconds` None is the usual delay, which grows with the attempts."""
    usual = DELAYS[min(max(row.attempts, 1), len(DELAYS)) - 1]
    row.state, row.problem, row.changed_at = state, problem, now
    row.due_at = now + timedelta(seconds=usual if seconds is None else seconds)
