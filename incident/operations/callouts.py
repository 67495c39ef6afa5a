"""Queue the messages that an event calls for, in the transaction of the event."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Result, bindparam, insert, select
from sqlalchemy.orm import Session

from incident.db import table
from incident.models import Incident, OutgoingMessage, User
from incident.models import Role as RoleRow
from incident.rulebook import Rulebook
from notifications.text import Alert, Purpose, compose, segments
from workflows.plan import Grade
from workflows.response import demands

GRAVE = frozenset({"I", "II"})
PRIORITY_GRAVE, PRIORITY_REAL, PRIORITY_DRILL = 0, 1, 5
SMS = "sms"
_REACHABLE = (
    select(User.id, User.display, User.phone)
    .where(User.phone.is_not(None), User.disabled_at.is_(None))
    .order_by(User.id)
)
_WITH_ROLES = _REACHABLE.where(
    User.id.in_(select(RoleRow.user_id).where(RoleRow.role.in_(bindparam("roles", expanding=True))))
)
_CALLED = _REACHABLE.where(
    User.id.in_(
        select(OutgoingMessage.user_id).where(OutgoingMessage.incident_id == bindparam("incident"))
    )
)
_ADD = insert(table(OutgoingMessage))


class Person(NamedTuple):
    """Whom a message goes to."""

    id: int
    display: str
    phone: str


def queue(
    session: Session,
    incident: Incident,
    event: str,
    *,
    facts: Mapping[str, Any],
    rules: Rulebook,
    now: datetime,
    occasion: str = "",
    clock: str | None = None,
) -> int:
    """Queue a message to each person whom the plan calls out; return how many.

    `occasion` tells one event of a kind from the next, so that nobody is told twice of one
    and nobody misses the next. `clock` is the title of a clock that is overdue.
    """
    grade = Grade(incident.grade) if incident.grade in set(Grade) else None
    plan = rules.library.plan(incident.plan)
    wanted = demands(plan, grade, setting=incident.setting, kind=incident.kind)
    people = with_roles(session, wanted.roles(event))
    return send(
        session,
        incident,
        Purpose(event),
        people,
        facts=facts,
        rules=rules,
        now=now,
        occasion=occasion,
        clock=clock,
    )


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
    clock: str | None = None,
    at: str | None = None,
) -> int:
    """Queue one message to each of these people; return how many."""
    alert = Alert(
        number=incident.number,
        kind=incident.kind,
        grade=incident.grade if incident.grade in set(Grade) else None,
        place=rules.divisions.name(incident.division),
        ill=facts.get("ill"),
        deaths=facts.get("deaths"),
        clock=clock,
        at=at,
    )
    body = compose(
        purpose, organisation=rules.organisation, drill=bool(incident.drill), alert=alert
    )
    alike = _alike(incident, body, now)
    rows = [alike | _row(incident, purpose, occasion, person) for person in people]
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


def _row(
    incident: Incident, purpose: Purpose, occasion: str, person: Person | User
) -> dict[str, Any]:
    return {
        "code": secrets.token_hex(12),
        "reason": f"{incident.number}:{purpose}:{occasion}:{person.id}",
        "user_id": person.id,
        "person": person.display,
        "address": person.phone,
    }


def _alike(incident: Incident, body: str, now: datetime) -> dict[str, Any]:
    """Return what the messages to all of them have in common."""
    return {
        "incident_id": incident.id,
        "channel": SMS,
        "body": body,
        "segments": segments(body).count,
        "drill": incident.drill,
        "priority": _priority(incident),
        "state": "queued",
        "rank": 0,
        "attempts": 0,
        "due_at": now,
        "resent": False,
        "created_at": now,
        "changed_at": now,
    }


def _priority(incident: Incident) -> int:
    if incident.drill:
        return PRIORITY_DRILL
    return PRIORITY_GRAVE if incident.grade in GRAVE else PRIORITY_REAL
