"""Tell people something that asks for no answer, in the transaction of its cause."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Result, bindparam, insert, select
from sqlalchemy.orm import Session

from incident.db import table
from incident.models import Incident, OutgoingMessage, User
from incident.models import Role as RoleRow
from incident.operations import calling
from incident.rulebook import Rulebook
from notifications.text import Purpose

SMS = "sms"
_USER, _ROLE = table(User).c, table(RoleRow).c  # plain columns: every report asks for them
_REACHABLE = (
    select(_USER.id, _USER.display, _USER.phone)
    .where(_USER.phone.is_not(None), _USER.disabled_at.is_(None))
    .order_by(_USER.id)
)
_WITH_ROLES = _REACHABLE.where(
    _USER.id.in_(select(_ROLE.user_id).where(_ROLE.role.in_(bindparam("roles", expanding=True))))
)
_CALLED = _REACHABLE.where(
    _USER.id.in_(
        select(OutgoingMessage.user_id).where(OutgoingMessage.incident_id == bindparam("incident"))
    )
)
_ADD = insert(table(OutgoingMessage))


class Person(NamedTuple):
    """Whom a message goes to."""

    id: int
    display: str
    phone: str


def send(
    session: Session,
    incident: Incident,
    purpose: Purpose,
    people: Sequence[Person | User],
    *,
    facts: Mapping[str, Any],
    rules: Rulebook,
    now: datetime,
    occasion: str = "",
    at: str | None = None,
) -> int:
    """Queue one message to each of these people; return how many."""
    on = calling.Occasion(
        incident=incident,
        purpose=purpose,
        reason=f"{incident.number}:{purpose}:{occasion}",
        facts=facts,
        rules=rules,
        at=at,
    )
    body = calling.text(on)
    alike = calling.common(incident, now) | {"channel": SMS} | calling.counted(body)
    rows = [alike | _row(on.reason, person) for person in people]
    if rows:
        session.execute(_ADD, rows)
    return len(rows)


def with_roles(session: Session, roles: Iterable[str]) -> list[Person]:
    """Return the people who have one of the roles, a telephone, and an account in use."""
    wanted = [str(role) for role in roles]
    return _people(session.execute(_WITH_ROLES, {"roles": wanted})) if wanted else []


def called(session: Session, incident: Incident) -> list[Person]:
    """Return the people who were told of the incident and still have a telephone."""
    return _people(session.execute(_CALLED, {"incident": incident.id}))


def _people(found: Result[Any]) -> list[Person]:
    return [Person._make(row) for row in found]


def _row(reason: str, person: Person | User) -> dict[str, Any]:
    return {
        "code": secrets.token_hex(12),
        "reason": f"{reason}:{person.id}",
        "user_id": person.id,
        "person": person.display,
        "address": person.phone,
    }
