"""Expert consultation: a question, frozen evidence, blind opinions, a signed conclusion."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident import words
from incident.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound
from incident.inputs.actions import Conclude, Convene
from incident.inputs.opinions import Declaration, OpinionInput
from incident.models import (
    Attachment,
    Consultation,
    Incident,
    Invitation,
    Opinion,
    User,
)
from incident.operations import callouts, facts, pace, signing, steps, timeline
from incident.operations.context import Context
from incident.operations.signing import digest, is_late, signed_content
from notifications.text import Purpose
from workflows.lifecycle import Action, Role


def convene(session: Session, incident: Incident, bring: Convene, context: Context) -> Consultation:
    """会商: freeze the evidence, invite the experts, and send them word."""
    steps.check(incident, Action.CONVENE, context.who)
    if bring.due_at <= context.now:
        raise InvalidInput([FieldError("due_at", "in-past")])
    experts = _experts(session, bring.experts)
    evidence = _frozen(session, incident, bring.evidence)
    consultation = Consultation(
        incident_id=incident.id,
        question=bring.question,
        evidence=evidence,
        digest=digest({"question": bring.question, **evidence}),
        opened_by=context.who.person,
        opened_at=context.now,
        due_at=bring.due_at,
    )
    session.add(consultation)
    session.flush()
    session.add_all(
        Invitation(consultation_id=consultation.id, expert_id=expert.id) for expert in experts
    )
    local = bring.due_at.astimezone(context.rules.zone)
    steps.take(
        session,
        incident,
        Action.CONVENE,
        context,
        words_for={
            "question": bring.question,
            "experts": "、".join(expert.display for expert in experts),
            "due": f"{local:%m-%d %H:%M}",
        },
        data={
            "consultation": consultation.id,
            "evidence_digest": consultation.digest,
            "experts": [expert.id for expert in experts],
        },
    )
    _send_word(session, incident, consultation, experts, context)
    return consultation


def declare(
    session: Session, consultation: Consultation, bring: Declaration, context: Context
) -> Invitation:
    """Take an expert's declaration of interests; "" is none. It comes before the opinion."""
    invitation = invitation_of(session, consultation, context.who.id)
    _refuse_if_signed(consultation)
    if invitation.declared_at is not None:
        raise Conflict("already-declared")
    invitation.conflict, invitation.declared_at = bring.conflict or "", context.now
    incident = _incident(session, consultation)
    timeline.write(
        session,
        incident,
        "conflict_declared" if bring.conflict else "no_conflict",
        who=context.who,
        now=context.now,
        words_for={"conflict": bring.conflict or ""},
        data={"consultation": consultation.id},
    )
    return invitation


def give(
    session: Session, consultation: Consultation, bring: OpinionInput, context: Context
) -> Opinion:
    """Take an expert's opinion; it is locked at once, and blind until all are in.

    After the time limit the others' are open, so that it can no longer be blind: it is kept,
    for what it warns of, but marked as late and never counted among the opinions.
    """
    invitation = invitation_of(session, consultation, context.who.id)
    _refuse_if_signed(consultation)
    if invitation.declared_at is None:
        raise Conflict("declare-first")
    if invitation.conflict:
        raise Forbidden("conflict-of-interest")
    if opinion_of(session, consultation, context.who.id) is not None:
        raise Conflict("opinion-locked")
    opinion = Opinion(
        consultation_id=consultation.id,
        expert_id=context.who.person,
        given_at=context.now,
        **bring.model_dump(),
    )
    session.add(opinion)
    session.flush()
    incident = _incident(session, consultation)
    late = is_late(consultation, opinion, pace.time_of(session, incident.drill))
    timeline.write(
        session,
        incident,
        "opinion_late" if late else "opinion",
        who=context.who,
        now=context.now,
        data={"consultation": consultation.id, "opinion_digest": digest(bring.model_dump())},
    )
    return opinion


def conclude(
    session: Session, incident: Incident, bring: Conclude, context: Context
) -> Consultation:
    """形成意见: the chair signs by password; dissent stays; adopted points go on."""
    steps.check(incident, Action.CONCLUDE, context.who)
    consultation = running(session, incident.id)
    if consultation is None:
        raise Conflict("no-consultation")
    _refuse_conflict(session, consultation, context)
    if not is_open_to_read(session, consultation, context.now):
        raise Conflict("opinions-missing", due=consultation.due_at.isoformat())
    consultation.conclusion, consultation.dissent = bring.conclusion, bring.dissent
    consultation.adopted = bring.adopted.model_dump(mode="json")
    consultation.signed_by, consultation.signed_at = context.who.id, context.now
    consultation.due_at += pace.time_of(session, incident.drill).stood(context.now)
    consultation.signature = digest(signed_content(consultation, opinions(session, consultation)))
    steps.take(
        session,
        incident,
        Action.CONCLUDE,
        context,
        words_for={
            "conclusion": bring.conclusion,
            "dissent": bring.dissent or words.label("common", "nothing"),
        },
        data={
            "consultation": consultation.id,
            "signature": consultation.signature,
            "adopted": consultation.adopted,
        },
    )
    signing.confirm(session, context.who, bring.password)
    return consultation


def running(session: Session, incident_id: int) -> Consultation | None:
    """Return the consultation that is not signed yet."""
    return session.scalar(
        select(Consultation)
        .where(Consultation.incident_id == incident_id, Consultation.signed_at.is_(None))
        .order_by(Consultation.id.desc())
        .limit(1)
    )


def invitations(session: Session, consultation: Consultation) -> list[Invitation]:
    """Return who was asked."""
    return list(
        session.scalars(
            select(Invitation)
            .where(Invitation.consultation_id == consultation.id)
            .order_by(Invitation.id)
        )
    )


def invitation_of(
    session: Session, consultation: Consultation, expert_id: int | None
) -> Invitation:
    """Return the invitation of one expert; raise Forbidden for somebody not asked."""
    asked = [row for row in invitations(session, consultation) if row.expert_id == expert_id]
    if not asked:
        raise Forbidden("not-invited")
    return asked[0]


def opinions(session: Session, consultation: Consultation) -> list[Opinion]:
    """Return all opinions; ask `is_open_to_read` before showing them."""
    return list(
        session.scalars(
            select(Opinion).where(Opinion.consultation_id == consultation.id).order_by(Opinion.id)
        )
    )


def opinion_of(
    session: Session, consultation: Consultation, expert_id: int | None
) -> Opinion | None:
    """Return the opinion of one expert, None before it is given."""
    given = [row for row in opinions(session, consultation) if row.expert_id == expert_id]
    return given[0] if given else None


def is_open_to_read(session: Session, consultation: Consultation, now: datetime) -> bool:
    """Tell whether opinions are no longer blind: all in, time up, or signed.

    An expert with a conflict of interest gives none and is not waited for.
    """
    time = pace.time_of(session, _incident(session, consultation).drill)
    if consultation.signed_at is not None or time.moment(now) >= consultation.due_at:
        return True
    waited = {row.expert_id for row in invitations(session, consultation) if not row.conflict}
    return waited <= {row.expert_id for row in opinions(session, consultation)}


def _send_word(
    session: Session,
    incident: Incident,
    consultation: Consultation,
    experts: Sequence[User],
    context: Context,
) -> None:
    local = consultation.due_at.astimezone(context.rules.zone)
    callouts.send(
        session,
        incident,
        Purpose.CONSULTATION,
        [expert for expert in experts if expert.phone],
        facts=facts.current(session, incident.id),
        rules=context.rules,
        now=context.now,
        occasion=str(consultation.id),
        at=words.phrase("common", "before", {"moment": f"{local:%H:%M}"}),
    )


def _experts(session: Session, names: Sequence[str]) -> list[User]:
    found = {
        user.name: user
        for user in session.scalars(
            select(User).where(User.name.in_(names), User.disabled_at.is_(None))
        )
        if Role.EXPERT in {row.role for row in user.role_rows}
    }
    missing = [name for name in names if name not in found]
    if missing:
        raise InvalidInput([FieldError("experts", "no-such-expert", {"name": missing[0]})])
    return [found[name] for name in dict.fromkeys(names)]


def _frozen(session: Session, incident: Incident, ids: Sequence[int]) -> dict[str, Any]:
    """Return the evidence as it stands: facts, grade, and each file with its digest."""
    files = list(
        session.scalars(
            select(Attachment).where(Attachment.id.in_(ids), Attachment.incident_id == incident.id)
        )
    )
    if len(files) != len(set(ids)):
        raise InvalidInput([FieldError("evidence", "no-such-attachment")])
    return {
        "facts": facts.current(session, incident.id),
        "grade": incident.grade,
        "plan": incident.plan,
        "version": incident.version,
        "files": [
            {"id": file.id, "name": file.name, "sha256": file.digest, "size": file.size}
            for file in files
        ],
    }


def _refuse_conflict(session: Session, consultation: Consultation, context: Context) -> None:
    """Keep a chair who was asked and declared a conflict of interest from signing."""
    asked = invitations(session, consultation)
    if any(row.conflict for row in asked if row.expert_id == context.who.id):
        raise Forbidden("conflict-of-interest")


def _refuse_if_signed(consultation: Consultation) -> None:
    if consultation.signed_at is not None:
        raise Conflict("consultation-signed")


def _incident(session: Session, consultation: Consultation) -> Incident:
    incident = session.get(Incident, consultation.incident_id)
    if incident is None:
        raise NotFound
    return incident
