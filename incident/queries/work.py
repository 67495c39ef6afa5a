"""The tasks of an incident as cards, and who may be given one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from incident.models import Attachment, Evidence, Role, Task, User
from incident.operations import tasks
from incident.operations.tasks import MAY_CHANGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A task on the board; `last` is the last word on it."""

    id: int
    title: str
    group: str | None
    owner: str | None
    owner_name: str | None
    due_at: datetime | None
    starts_at: datetime
    done_at: datetime | None
    status: str
    evidence: int
    last: str | None
    basis: str | None
    confidence: str | None
    measure: str | None
    version: int
    is_mine: bool


def cards(session: Session, incident_id: int, user_id: int | None) -> tuple[Card, ...]:
    """Return the tasks of an incident, the nearest due first, those without a time last."""
    rows = tasks.of(session, incident_id)
    people = _people(session, {row.owner_id for row in rows if row.owner_id})
    shown = _evidence_counts(session, [row.id for row in rows])
    found = [_card(row, people, shown.get(row.id, 0), user_id) for row in rows]
    return tuple(sorted(found, key=lambda c: (c.due_at is None, c.due_at or c.starts_at, c.id)))


def card(session: Session, row: Task, user_id: int | None) -> Card:
    """Return one task as a card."""
    people = _people(session, {row.owner_id} - {None})
    return _card(row, people, _evidence_counts(session, [row.id]).get(row.id, 0), user_id)


def evidence(session: Session, task_id: int) -> tuple[Attachment, ...]:
    """Return the files that show a task done."""
    query = (
        select(Attachment)
        .join(Evidence, Evidence.attachment_id == Attachment.id)
        .where(Evidence.task_id == task_id)
    )
    return tuple(session.scalars(query.order_by(Attachment.id)))


def owners(session: Session) -> tuple[tuple[str, str], ...]:
    """Return the people who may be given a task, by account and display."""
    having = select(Role.user_id).where(Role.role.in_(MAY_CHANGE))
    users = session.scalars(
        select(User).where(User.id.in_(having), User.disabled_at.is_(None)).order_by(User.id)
    )
    return tuple((user.name, user.display) for user in users)


def _people(session: Session, ids: set[int | None]) -> Mapping[int, User]:
    return {user.id: user for user in session.scalars(select(User).where(User.id.in_(ids)))}


def _evidence_counts(session: Session, ids: list[int]) -> dict[int, int]:
    query = (
        select(Evidence.task_id, func.count())
        .where(Evidence.task_id.in_(ids))
        .group_by(Evidence.task_id)
    )
    return dict(session.execute(query).all())


def _card(row: Task, people: Mapping[int, User], shown: int, user_id: int | None) -> Card:
    owner = people.get(row.owner_id) if row.owner_id else None
    return Card(
        id=row.id,
        title=row.title,
        group=row.group,
        owner=owner.display if owner else None,
        owner_name=owner.name if owner else None,
        due_at=row.due_at,
        starts_at=row.created_at,
        done_at=row.done_at,
        status=row.status,
        evidence=shown,
        last=row.note,
        basis=row.basis,
        confidence=row.confidence,
        measure=row.measure,
        version=row.version,
        is_mine=user_id is not None and row.owner_id == user_id,
    )
