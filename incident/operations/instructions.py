"""Instructions (批示督办): given as a task, reported done by its owner, closed by who gave it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident import words
from incident.errors import Conflict, Forbidden, NotFound
from incident.inputs.actions import Instruct
from incident.inputs.instructions import InstructionClosing, InstructionReport, InstructionReturn
from incident.inputs.tasks import NewTask, TaskChange
from incident.models import Incident, Instruction, Task, User
from incident.operations import clocks, instruction_messages, numbers, tasks, timeline
from incident.operations.context import Context
from workflows.lifecycle import Role

MAY_INSTRUCT = (Role.COMMANDER, Role.DUTY_LEADER, Role.LEADER)
SERIES = "DB"
ENDED = (tasks.DONE, tasks.CANCELLED)


def find(session: Session, number: str) -> Instruction:
    """Return an instruction by its number; raise NotFound."""
    found = session.scalar(select(Instruction).where(Instruction.number == number))
    if found is None:
        raise NotFound
    return found


def give(session: Session, incident: Incident, bring: Instruct, context: Context) -> Instruction:
    """批示: what a leader asks becomes a numbered instruction, with a task that carries it."""
    if not context.who.may_be(*MAY_INSTRUCT):
        raise Forbidden("wrong-role", role=Role.LEADER)
    tasks.refuse_if_over(incident)
    wanted = NewTask(title=bring.text, owner=bring.owner, due_at=bring.due_at)
    task = tasks.make(session, incident, wanted, context)
    given = Instruction(
        number=_number(session, incident, context),
        incident_id=incident.id,
        task_id=task.id,
        text=bring.text,
        preset=bring.preset,
        drill=incident.drill,
        giver_id=context.who.person,
        giver=context.who.display,
        given_at=context.now,
        reminders=0,
    )
    session.add(given)
    session.flush()
    owner = session.get(User, task.owner_id) if task.owner_id else None
    _tell(
        session,
        incident,
        given,
        "instruct",
        context,
        text=bring.text,
        owner=owner.display if owner else words.label("common", "nobody"),
    )
    _tell_owner(session, incident, given, task, context)
    return given


def report(
    session: Session,
    incident: Incident,
    given: Instruction,
    bring: InstructionReport,
    context: Context,
) -> None:
    """报办结: the task is done; the instruction then waits for who gave it."""
    _refuse_if_closed(given)
    change = TaskChange(status="done", note=bring.note, evidence=bring.evidence)
    tasks.change(session, incident, _task(session, given), change, context)


def send_back(
    session: Session,
    incident: Incident,
    given: Instruction,
    bring: InstructionReturn,
    context: Context,
) -> None:
    """退回: not done as asked; the task is open again."""
    _refuse_unless_giver(session, given, context)
    _refuse_if_closed(given)
    tasks.refuse_if_over(incident)
    task = _task(session, given)
    if task.status not in ENDED:
        raise Conflict("instruction-open")
    task.status, task.done_at, task.changed_at = tasks.OPEN, None, context.now
    session.flush()
    given.reminded_at = context.now
    _tell(session, incident, given, "instruction_returned", context, note=bring.note)
    _tell_owner(session, incident, given, task, context)


def close(
    session: Session,
    incident: Incident,
    given: Instruction,
    bring: InstructionClosing,
    context: Context,
) -> None:
    """销号: only who gave it says that it is done, or that the incident is over."""
    _refuse_unless_giver(session, given, context)
    _refuse_if_closed(given)
    if _task(session, given).status not in ENDED and incident.state not in clocks.OVER:
        raise Conflict("instruction-open")
    given.closed_at, given.closed_by = context.now, context.who.person
    given.closing_note = bring.note
    _tell(session, incident, given, "instruction_closed", context, note=bring.note or "")


def is_giver(session: Session, given: Instruction, context: Context) -> bool:
    """Tell whether this person answers for it: who gave it, or, when he has left, a commander."""
    if given.giver_id == context.who.id:
        return True
    giver = session.get(User, given.giver_id)
    has_left = giver is None or giver.disabled_at is not None
    return has_left and context.who.may_be(Role.COMMANDER)


def _number(session: Session, incident: Incident, context: Context) -> str:
    mark = numbers.DRILL if incident.drill else ""
    series = f"{mark}{SERIES}{context.rules.day(context.now):%Y%m%d}"
    return numbers.incident_number(series, numbers.take(session, series))


def _task(session: Session, given: Instruction) -> Task:
    return session.get_one(Task, given.task_id)


def _refuse_unless_giver(session: Session, given: Instruction, context: Context) -> None:
    if not is_giver(session, given, context):
        raise Forbidden("not-your-instruction")


def _refuse_if_closed(given: Instruction) -> None:
    if given.closed_at is not None:
        raise Conflict("instruction-closed")


def _tell_owner(
    session: Session, incident: Incident, given: Instruction, task: Task, context: Context
) -> None:
    instruction_messages.send(
        session,
        incident,
        given,
        task,
        instruction_messages.GIVEN,
        occasion=task.version,
        now=context.now,
        rules=context.rules,
    )


def _tell(
    session: Session,
    incident: Incident,
    given: Instruction,
    type: str,
    context: Context,
    **told: str,
) -> None:
    timeline.write(
        session,
        incident,
        type,
        who=context.who,
        now=context.now,
        words_for={"number": given.number, **told},
        data={"instruction": given.number, "task": given.task_id},
    )
