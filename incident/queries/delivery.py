"""Who was told of an incident, by which way, and what is truly known of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.models import AlertPerson, Entry, OutgoingMessage, User
from incident.operations.delivery_states import FAILED

WAITING = frozenset({"queued", "sending", "uncertain"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message to one person; `acknowledged_at` is the person's own answer, if any.

    `next` is the code of what happens next: call, retry, check, wait, or None.
    """

    person: str
    account: str | None
    roles: tuple[str, ...]
    phone: str
    channel: str
    body: str
    segments: int
    status: str
    status_at: datetime
    reason: str | None
    attempts: int
    created_at: datetime
    acknowledged_at: datetime | None
    next: str | None
    next_at: datetime | None


def deliveries(
    session: Session, incident_id: int, *, beside_alerts: bool = False
) -> tuple[Delivery, ...]:
    """Return the messages of an incident, those that failed first, then the newest.

    `beside_alerts` leaves out those that are steps of an alert.
    """
    query = select(OutgoingMessage).where(OutgoingMessage.incident_id == incident_id)
    if beside_alerts:
        query = query.where(OutgoingMessage.alert_person_id.is_(None))
    rows = list(session.scalars(query.order_by(OutgoingMessage.id.desc())))
    said = _answers(session, incident_id)
    people = _people(session, [row.user_id for row in rows if row.user_id])
    found = [_delivery(row, said, people) for row in rows]
    return tuple(sorted(found, key=lambda one: one.status not in FAILED))


def masked(phone: str) -> str:
    """Return a telephone number with its middle hidden."""
    return f"{phone[:6]}****{phone[-4:]}" if len(phone) > 10 else "****"


def _answers(session: Session, incident_id: int) -> dict[int, list[datetime]]:
    found: dict[int, list[datetime]] = {}
    query = select(Entry.actor_id, Entry.at).where(
        Entry.incident_id == incident_id, Entry.type == "acknowledge"
    )
    answered = select(AlertPerson.user_id, AlertPerson.answered_at).where(
        AlertPerson.incident_id == incident_id, AlertPerson.answered_at.is_not(None)
    )
    for rows in (session.execute(query), session.execute(answered)):
        for person, at in rows:
            if person is not None and at is not None:
                found.setdefault(person, []).append(at)
    return {person: sorted(moments) for person, moments in found.items()}


def _people(session: Session, ids: list[int]) -> dict[int, User]:
    users = session.scalars(select(User).where(User.id.in_(set(ids))))
    return {user.id: user for user in users}


def _delivery(
    row: OutgoingMessage, said: dict[int, list[datetime]], people: dict[int, User]
) -> Delivery:
    user = people.get(row.user_id) if row.user_id else None
    answers = [at for at in said.get(row.user_id or 0, []) if at >= row.created_at]
    return Delivery(
        person=row.person,
        account=user.name if user else None,
        roles=tuple(role.role for role in user.role_rows) if user else (),
        phone=masked(row.to),
        channel=row.channel,
        body=row.body,
        segments=row.segments,
        status=row.state,
        status_at=row.changed_at,
        reason=row.problem,
        attempts=row.attempts,
        created_at=row.created_at,
        acknowledged_at=answers[0] if answers else None,
        next=_next(row.state, is_known=bool(answers)),
        next_at=row.due_at if row.state == "queued" else None,
    )


def _next(state: str, *, is_known: bool) -> str | None:
    if is_known:
        return None
    if state in FAILED:
        return "call"
    if state == "queued":
        return "retry"
    return "check" if state in WAITING else "wait"
