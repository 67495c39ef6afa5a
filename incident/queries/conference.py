"""A consultation as one person may see it: blind until it opens."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.errors import NotFound
from incident.models import Consultation, Incident, Invitation, Opinion, User
from incident.models import Role as RoleRow
from incident.operations import consulting, pace
from incident.operations.signing import is_late
from incident.who import Who
from workflows.lifecycle import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """An expert asked, and how far he is: asked, declared, conflict, given or late."""

    display: str
    organisation: str | None
    specialty: str | None
    standing: str
    conflict: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An opinion that this person may read; a late one came after the others were open."""

    expert: str
    grade: str | None
    cause: str | None
    measures: str | None
    confidence: str
    text: str
    given_at: datetime
    is_mine: bool
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Conference:
    """A consultation. `mine` is how far the reader is himself, None when not asked.

    `given` of `waited` opinions came in time; `is_up` says that the time is up.
    """

    id: int
    question: str
    evidence: Mapping[str, Any]
    digest: str
    opened_by: str
    opened_at: datetime
    due_at: datetime
    is_open: bool
    is_up: bool
    experts: tuple[Invited, ...]
    given: int
    waited: int
    opinions: tuple[Said, ...]
    mine: str | None
    conclusion: str | None
    dissent: str | None
    adopted: Mapping[str, Any]
    signed_by: str | None
    signed_at: datetime | None
    signature: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expert:
    """An entry of the directory of experts."""

    name: str
    display: str
    organisation: str | None
    specialty: str | None


def directory(session: Session) -> tuple[Expert, ...]:
    """Return the experts who may be asked, by specialty."""
    having = select(RoleRow.user_id).where(RoleRow.role == Role.EXPERT)
    users = session.scalars(
        select(User).where(User.id.in_(having), User.disabled_at.is_(None)).order_by(User.id)
    )
    found = [
        Expert(
            name=user.name,
            display=user.display,
            organisation=user.organisation,
            specialty=user.specialty,
        )
        for user in users
    ]
    return tuple(sorted(found, key=lambda one: (one.specialty is None, one.specialty or "")))


def of(session: Session, incident_id: int) -> tuple[Consultation, ...]:
    """Return the consultations of an incident, the newest first."""
    query = select(Consultation).where(Consultation.incident_id == incident_id)
    return tuple(session.scalars(query.order_by(Consultation.id.desc())))


def find(session: Session, incident: Incident, consultation_id: int) -> Consultation:
    """Return a consultation of this incident; raise NotFound."""
    row = session.get(Consultation, consultation_id)
    if row is None or row.incident_id != incident.id:
        raise NotFound
    return row


def view(session: Session, row: Consultation, who: Who, now: datetime) -> Conference:
    """Return what this person may see of a consultation now."""
    asked = consulting.invitations(session, row)
    given = consulting.opinions(session, row)
    people = _people(session, row, asked)
    time = pace.time_of(session, session.get_one(Incident, row.incident_id).drill)
    late = {one.expert_id for one in given if is_late(row, one, time)}
    is_open = consulting.is_open_to_read(session, row, now)
    experts = [_invited(one, people, given, late) for one in asked]
    mine = [
        one.standing
        for one, invitation in zip(experts, asked, strict=True)
        if invitation.expert_id == who.id
    ]
    return Conference(
        id=row.id,
        question=row.question,
        evidence=row.evidence,
        digest=row.digest,
        opened_by=_name(people, row.opened_by),
        opened_at=row.opened_at,
        due_at=row.due_at,
        is_open=is_open,
        is_up=time.moment(now) >= row.due_at,
        experts=tuple(experts),
        given=len(given) - len(late),
        waited=sum(not one.conflict for one in asked),
        opinions=tuple(
            _said(one, people, who, is_late=one.expert_id in late)
            for one in given
            if is_open or one.expert_id == who.id
        ),
        mine=mine[0] if mine else None,
        conclusion=row.conclusion,
        dissent=row.dissent,
        adopted=row.adopted or {},
        signed_by=_name(people, row.signed_by) if row.signed_by else None,
        signed_at=row.signed_at,
        signature=row.signature,
    )


def may_read_files(session: Session, incident_id: int, who: Who) -> frozenset[int]:
    """Return the files that were frozen as evidence for this person's consultations."""
    query = (
        select(Consultation)
        .join(Invitation, Invitation.consultation_id == Consultation.id)
        .where(Consultation.incident_id == incident_id, Invitation.expert_id == who.id)
    )
    return frozenset(
        file["id"] for row in session.scalars(query) for file in row.evidence.get("files", ())
    )


def _people(session: Session, row: Consultation, asked: Sequence[Invitation]) -> Mapping[int, User]:
    ids = {row.opened_by, row.signed_by, *(one.expert_id for one in asked)} - {None}
    return {user.id: user for user in session.scalars(select(User).where(User.id.in_(ids)))}


def _name(people: Mapping[int, User], user_id: int | None) -> str:
    user = people.get(user_id or 0)
    return user.display if user else "-"


def _invited(
    one: Invitation, people: Mapping[int, User], given: Sequence[Opinion], late: Set[int]
) -> Invited:
    user = people.get(one.expert_id)
    return Invited(
        display=user.display if user else "-",
        organisation=user.organisation if user else None,
        specialty=user.specialty if user else None,
        standing="late" if one.expert_id in late else _standing(one, given),
        conflict=one.conflict or None,
    )


def _standing(one: Invitation, given: Sequence[Opinion]) -> str:
    if one.conflict:
        return "conflict"
    if any(opinion.expert_id == one.expert_id for opinion in given):
        return "given"
    return "declared" if one.declared_at else "asked"


def _said(one: Opinion, people: Mapping[int, User], who: Who, *, is_late: bool) -> Said:
    return Said(
        expert=_name(people, one.expert_id),
        grade=one.grade,
        cause=one.cause,
        measures=one.measures,
        confidence=one.confidence,
        text=one.text,
        given_at=one.given_at,
        is_mine=one.expert_id == who.id,
        is_late=is_late,
    )
