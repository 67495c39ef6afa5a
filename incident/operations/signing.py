"""Signatures: the password given again, what it covers, and the digest that stands for it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from incident.errors import FieldError, InvalidInput
from incident.models import Consultation, Incident, Opinion
from incident.operations import passwords
from incident.operations.context import Context
from incident.operations.drill_time import REAL, DrillTime
from incident.who import Who
from workflows.lifecycle import Action


def confirm(session: Session, who: Who, password: str | None) -> None:
    """Make sure that the signer himself signs; None is not signed yet. Raise InvalidInput."""
    if password is None:
        raise InvalidInput([FieldError("password", "required")])
    passwords.confirm(session, who, password)


def signed(
    data: Mapping[str, Any], incident: Incident, action: Action, context: Context
) -> dict[str, Any]:
    """Return the data of an entry with the signature that covers it: what, when and by whom."""
    covered = {
        **data,
        "signed_by": context.who.person,
        "signed_at": context.now.isoformat(),
    }
    whole = {"incident": incident.number, "action": action, "plan": incident.plan, **covered}
    return {**covered, "signature": digest(whole)}


def signed_content(consultation: Consultation, opinions: Sequence[Opinion]) -> dict[str, Any]:
    """Return what the signature covers: question, evidence, opinions, conclusion."""
    return {
        "consultation": consultation.id,
        "evidence": consultation.digest,
        "opinions": [
            [
                *(row.expert_id, row.grade, row.cause, row.measures, row.confidence, row.text),
                *(("late",) if is_late(consultation, row) else ()),
            ]
            for row in opinions
        ],
        "conclusion": consultation.conclusion,
        "dissent": consultation.dissent,
        "adopted": consultation.adopted,
        "signed_by": consultation.signed_by,
        "signed_at": consultation.signed_at,
    }


def is_late(consultation: Consultation, opinion: Opinion, time: DrillTime = REAL) -> bool:
    """Tell whether an opinion came when the time was up, and the others lay open."""
    return time.moment(opinion.given_at) >= consultation.due_at


def digest(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of content as canonical JSON."""
    told = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()
