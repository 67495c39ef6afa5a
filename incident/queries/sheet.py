"""The grading sheet: what the plan says of the facts, and every proposal so far."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.models import Consultation, GradeProposal, Incident, User
from incident.operations import facts as observing
from incident.operations import grading
from incident.rulebook import Rulebook
from workflows.facts import FACTS, FactValue
from workflows.grading import Verdict

NEAREST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A proposal with the verdict that it was made on; `decision` None is open."""

    grade: str
    suggested: str | None
    reason: str | None
    proposed_by: str
    proposed_by_id: int
    proposed_at: datetime
    decision: str | None
    decided_by: str | None
    decided_at: datetime | None
    criterion: str | None
    expert_advice: str | None
    verdict: Mapping[str, Any]
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """What a signed consultation gave to the grading."""

    consultation: int
    signed_at: datetime
    signed_by: str
    grade: str | None
    measures: tuple[str, ...]
    briefing: str | None
    conclusion: str | None


def verdict(
    session: Session, incident: Incident, rules: Rulebook, assumed: Mapping[str, FactValue]
) -> Verdict:
    """Return the verdict on the known facts with the assumed ones over them; stores nothing."""
    stored = observing.current(session, incident.id)
    return grading.verdict(incident, {**stored, **assumed}, rules)


def asked(incident: Incident, rules: Rulebook) -> tuple[str, ...]:
    """Return the facts that the plan's criteria ask for, in the order of the vocabulary."""
    plan = rules.library.plan(incident.plan)
    names = {name for item in plan.criteria for name in item.when.names()}
    return tuple(name for name in FACTS if name in names)


def proposals(session: Session, incident_id: int) -> tuple[Proposal, ...]:
    """Return every proposal, the newest first."""
    rows = list(
        session.scalars(
            select(GradeProposal)
            .where(GradeProposal.incident_id == incident_id)
            .order_by(GradeProposal.id.desc())
        )
    )
    people = _people(session, {i for row in rows for i in (row.proposed_by, row.decided_by) if i})
    return tuple(_proposal(row, people) for row in rows)


def adopted(session: Session, incident_id: int) -> tuple[Adopted, ...]:
    """Return what signed consultations adopted, the newest first."""
    rows = list(
        session.scalars(
            select(Consultation)
            .where(Consultation.incident_id == incident_id, Consultation.signed_at.is_not(None))
            .order_by(Consultation.id.desc())
        )
    )
    people = _people(session, {row.signed_by for row in rows if row.signed_by})
    return tuple(_adopted(row, people) for row in rows)


def _people(session: Session, ids: set[int]) -> dict[int, str]:
    query = select(User.id, User.display).where(User.id.in_(ids))
    return dict(session.execute(query).all())


def _proposal(row: GradeProposal, people: Mapping[int, str]) -> Proposal:
    return Proposal(
        grade=row.grade,
        suggested=row.verdict.get("grade"),
        reason=row.reason,
        proposed_by=people.get(row.proposed_by, "-"),
        proposed_by_id=row.proposed_by,
        proposed_at=row.proposed_at,
        decision=row.decision,
        decided_by=people.get(row.decided_by) if row.decided_by else None,
        decided_at=row.decided_at,
        criterion=row.criterion,
        expert_advice=row.expert_advice,
        verdict=row.verdict,
        facts=row.facts,
    )


def _adopted(row: Consultation, people: Mapping[int, str]) -> Adopted:
    points = row.adopted or {}
    return Adopted(
        consultation=row.id,
        signed_at=row.signed_at or row.opened_at,
        signed_by=people.get(row.signed_by or 0, "-"),
        grade=points.get("grade"),
        measures=tuple(points.get("measures") or ()),
        briefing=points.get("briefing"),
        conclusion=row.conclusion,
    )
