"""Notes, instructions and acknowledgements."""

from sqlalchemy.orm import Session

from incident import words
from incident.errors import FieldError, Forbidden, InvalidInput
from incident.inputs.actions import Acknowledge, Instruct, Note
from incident.inputs.tasks import NewTask
from incident.models import Incident, Task
from incident.operations import tasks, timeline
from incident.operations.context import Context
from workflows.lifecycle import Role

MAY_INSTRUCT = (Role.COMMANDER, Role.DUTY_LEADER, Role.LEADER)


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


def instruct(session: Session, incident: Incident, bring: Instruct, context: Context) -> Task:
    """批示: what a leader asks becomes a task with owner and due time."""
    if not context.who.may_be(*MAY_INSTRUCT):
        raise Forbidden("wrong-role", role=Role.LEADER)
    tasks.refuse_if_over(incident)
    wanted = NewTask(title=bring.text, owner=bring.owner, due_at=bring.due_at)
    task = tasks.make(session, incident, wanted, context)
    timeline.write(
        session,
        incident,
        "instruct",
        who=context.who,
        now=context.now,
        words_for={"text": bring.text, "owner": bring.owner or words.label("common", "nobody")},
        data={"task": task.id},
    )
    return task


def acknowledge(session: Session, incident: Incident, bring: Acknowledge, context: Context) -> None:
    """收到: this person knows."""
    timeline.write(
        session,
        incident,
        "acknowledge",
        who=context.who,
        now=context.now,
        words_for={"note": bring.note or ""},
    )
