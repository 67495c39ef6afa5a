"""Two-person steps that wait for somebody's signature: which, and how one is sent back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident import words
from incident.errors import Conflict, Forbidden
from incident.inputs.actions import Instruct
from incident.models import Entry, GradeProposal, Incident, User
from incident.operations import grading, instructions, settling, steps, timeline
from incident.operations.context import Context
from workflows.lifecycle import Action, Role, State

RETURNED = "returned"
GRADING = (Action.APPROVE_GRADE, Action.REGRADE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """One proposal; `action` is the step that would approve it.

    `grade` is None for a dismissal; `reason` is the proposer's, None when he gave none.
    """

    action: str
    grade: str | None
    before: str | None
    reason: str | None
    criterion: str | None
    proposer_id: int
    proposer: str
    proposed_at: datetime


def pending(session: Session, incident: Incident, context: Context) -> Pending | None:
    """Return the proposal on an incident that this person may approve, None when there is none.

    Nobody approves his own.
    """
    open_now = {row.action for row in steps.open_to(incident, context.who)}
    found = None
    if open_now.intersection(GRADING):
        found = _grade(session, incident, next(iter(open_now.intersection(GRADING))))
    if found is None and Action.DISMISS in open_now:
        found = _dismissal(session, incident)
    if found is None or found.proposer_id == context.who.id:
        return None
    return found if _may_decide(incident, found.action, context) else None


def send_back(session: Session, incident: Incident, reason: str, context: Context) -> None:
    """退回: the proposal is over; its proposer is told by an instruction what is lacking."""
    found = pending(session, incident, context)
    if found is None:
        raise Conflict("needs-proposal", role=Role.DUTY_OFFICER)
    if not context.who.may_be(*instructions.MAY_INSTRUCT):
        raise Forbidden("wrong-role", role=instructions.MAY_INSTRUCT[0])
    proposal = grading.open_proposal(session, incident.id)
    if found.action in GRADING and proposal is not None:
        proposal.decision = RETURNED
        proposal.decided_by, proposal.decided_at = context.who.person, context.now
    else:
        timeline.write(
            session,
            incident,
            settling.RETURNED,
            who=context.who,
            now=context.now,
            words_for={"reason": reason},
        )
    steps.touch(incident, context)
    what = words.label("actions", found.action)
    asked = words.phrase("approvals", "sent_back", {"what": what, "reason": reason})
    proposer = session.get_one(User, found.proposer_id)
    bring = Instruct(text=asked, preset="verify", owner=proposer.name)
    instructions.give(session, incident, bring, context)


def _may_decide(incident: Incident, action: str, context: Context) -> bool:
    """Tell whether the step is this person's to take, not only to propose."""
    rows = [row for row in steps.open_to(incident, context.who) if row.action == action]
    return any(context.who.may_be(row.role) for row in rows)


def _grade(session: Session, incident: Incident, action: str) -> Pending | None:
    proposal = grading.open_proposal(session, incident.id)
    if proposal is None or (action == Action.REGRADE and proposal.grade == incident.grade):
        return None
    return Pending(
        action=action,
        grade=proposal.grade,
        before=incident.grade,
        reason=proposal.reason,
        criterion=_criterion(proposal),
        proposer_id=proposal.proposed_by,
        proposer=session.get_one(User, proposal.proposed_by).display,
        proposed_at=proposal.proposed_at,
    )


def _criterion(proposal: GradeProposal) -> str | None:
    """Return the clause on which the verdict gave the proposed grade."""
    because = proposal.verdict.get("because") or []
    if proposal.verdict.get("grade") != proposal.grade or not because:
        return None
    return f"{because[0]['basis']} {because[0].get('text', '')}".strip()[:60]


def _dismissal(session: Session, incident: Incident) -> Pending | None:
    if incident.state not in (State.REPORTED, State.GRADING):
        return None
    proposer = settling.dismissal_proposer(session, incident)
    if proposer is None:
        return None
    entry = session.scalars(
        select(Entry)
        .where(Entry.incident_id == incident.id, Entry.type == settling.PROPOSED)
        .order_by(Entry.seq.desc())
        .limit(1)
    ).one()
    return Pending(
        action=Action.DISMISS,
        grade=None,
        before=incident.grade,
        reason=entry.text,
        criterion=None,
        proposer_id=proposer,
        proposer=entry.actor or "",
        proposed_at=entry.at,
    )
