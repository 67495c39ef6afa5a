"""Propose a grade, approve it, change it."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident import words
from incident.errors import Conflict, FieldError, Forbidden, InvalidInput
from incident.inputs.actions import ApproveGrade, ProposeGrade, Regrade
from incident.models import GradeProposal, Incident
from incident.operations import alerts, facts, measures, steps
from incident.operations.context import Context
from incident.operations.steps import UNGRADED
from incident.rulebook import Rulebook
from workflows import grading as rules_of_grading
from workflows.grading import Verdict
from workflows.lifecycle import Action
from workflows.plan import Grade

APPROVED, REPLACED = "approved", "replaced"


def verdict(incident: Incident, known: dict[str, Any], rules: Rulebook) -> Verdict:
    """Return what the incident's plan, and the tracks beside it, say of these facts."""
    plan = rules.library.plan(incident.plan)
    day = rules.day(incident.occurred_at or incident.aware_at or incident.received_at)
    tracks = rules.library.tracks(incident.kind, incident.division, day)
    return rules_of_grading.grade(plan, facts.for_rules(known), tracks=tracks)


def propose(
    session: Session, incident: Incident, bring: ProposeGrade, context: Context
) -> GradeProposal:
    """建议级别: keep the verdict and the facts as they stand; another grade needs reasons."""
    steps.check(incident, Action.PROPOSE_GRADE, context.who)
    known = facts.current(session, incident.id)
    said = verdict(incident, known, context.rules)
    if bring.grade != (said.grade or UNGRADED) and not bring.reason:
        raise InvalidInput([FieldError("reason", "needed-against-verdict")])
    _close_open(session, incident, REPLACED, context)
    proposal = GradeProposal(
        incident_id=incident.id,
        grade=bring.grade,
        reason=bring.reason,
        verdict=said.as_dict(),
        facts=known,
        proposed_by=context.who.person,
        proposed_at=context.now,
    )
    session.add(proposal)
    steps.take(
        session,
        incident,
        Action.PROPOSE_GRADE,
        context,
        words_for={
            "grade": words.label("grades", bring.grade),
            "suggested": words.label("grades", said.grade or UNGRADED),
            "reason": bring.reason or words.label("common", "as_verdict"),
        },
        data={"grade": bring.grade, "suggested": said.grade, "plan": said.plan},
    )
    return proposal


def approve(session: Session, incident: Incident, bring: ApproveGrade, context: Context) -> None:
    """核定: by a commander who did not propose; the clocks of the grade start."""
    steps.check(incident, Action.APPROVE_GRADE, context.who)
    proposal = _decide(session, incident, context)
    if bring.grade != proposal.grade and not bring.reason:
        raise InvalidInput([FieldError("reason", "needed-against-proposal")])
    proposal.criterion = bring.criterion
    proposal.expert_advice = bring.expert_advice
    incident.grade = bring.grade
    steps.take(
        session,
        incident,
        Action.APPROVE_GRADE,
        context,
        words_for={
            "grade": words.label("grades", bring.grade),
            "criterion": bring.criterion,
            "expert_advice": bring.expert_advice,
            "otherwise": _otherwise(bring, proposal),
        },
        data={
            "grade": bring.grade,
            "proposed": proposal.grade,
            "criterion": bring.criterion,
            "proposal": proposal.id,
        },
    )


def regrade(session: Session, incident: Incident, bring: Regrade, context: Context) -> None:
    """调级: the clocks and measures of the new grade come beside the old; people are told."""
    steps.check(incident, Action.REGRADE, context.who)
    if bring.grade == incident.grade:
        raise InvalidInput([FieldError("grade", "same-grade")])
    proposal = _decide(session, incident, context)
    before, incident.grade = incident.grade, bring.grade
    steps.take(
        session,
        incident,
        Action.REGRADE,
        context,
        words_for={
            "before": words.label("grades", before),
            "grade": words.label("grades", bring.grade),
            "reason": bring.reason,
        },
        data={
            "before": before,
            "grade": bring.grade,
            "raised": _is_raise(before, bring.grade),
            "proposal": proposal.id,
        },
    )
    measures.assign(session, incident, Grade(bring.grade), context)
    alerts.start(
        session,
        incident,
        "regraded",
        facts=facts.current(session, incident.id),
        rules=context.rules,
        now=context.now,
        occasion=str(proposal.id),
    )


def open_proposal(session: Session, incident_id: int) -> GradeProposal | None:
    """Return the proposal that waits for a decision."""
    return session.scalar(
        select(GradeProposal)
        .where(GradeProposal.incident_id == incident_id, GradeProposal.decision.is_(None))
        .order_by(GradeProposal.id.desc())
        .limit(1)
    )


def _decide(session: Session, incident: Incident, context: Context) -> GradeProposal:
    proposal = open_proposal(session, incident.id)
    if proposal is None:
        raise Conflict("needs-proposal", role="duty_officer")
    if proposal.proposed_by == context.who.id:
        raise Forbidden("own-proposal")
    _close(proposal, APPROVED, context.who.id, context.now)
    return proposal


def _close_open(session: Session, incident: Incident, decision: str, context: Context) -> None:
    proposal = open_proposal(session, incident.id)
    if proposal is not None:
        _close(proposal, decision, context.who.id, context.now)


def _close(proposal: GradeProposal, decision: str, by: int | None, now: datetime) -> None:
    proposal.decision, proposal.decided_by, proposal.decided_at = decision, by, now


def _otherwise(bring: ApproveGrade, proposal: GradeProposal) -> str:
    """Return the words for a grade that is not the proposed one, none where it is."""
    if bring.grade == proposal.grade:
        return ""
    proposed = words.label("grades", proposal.grade)
    return words.phrase("common", "otherwise", {"grade": proposed, "reason": bring.reason})


def _is_raise(before: str | None, after: str) -> bool:
    return before not in set(Grade) or Grade(after).severity > Grade(str(before)).severity
