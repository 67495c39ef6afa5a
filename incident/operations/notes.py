"""Notes and acknowledgements."""

from sqlalchemy.orm import Session

from incident.errors import FieldError, InvalidInput
from incident.inputs.actions import Acknowledge, Note
from incident.models import Incident
from incident.operations import alerts, timeline
from incident.operations.context import Context


def note(session: Session, incident: Incident, bring: Note, context: Context) -> None:
    """Write something down; with `corrects`, strike an earlier entry by it."""
    if bring.at and bring.at > context.now:
        raise InvalidInput([FieldError("at", "in-future")])
    if bring.corrects is not None:
        timeline.correct(
            session, incident, bring.corrects, bring.text, who=context.who, now=context.now
        )
        return
    timeline.write(
        session,
        incident,
        "note",
        who=context.who,
        now=context.now,
        at=bring.at,
        words_for={"text": bring.text},
    )


def acknowledge(session: Session, incident: Incident, bring: Acknowledge, context: Context) -> None:
    """收到, 已动身 or 不能到: this person answers what he is being called for."""
    timeline.write(
        session,
        incident,
        "acknowledge",
        who=context.who,
        now=context.now,
        words_for={"note": bring.note or ""},
    )
    alerts.acted(session, incident, context.who, context.now, said=bring.answer, note=bring.note)
