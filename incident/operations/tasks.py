"""Tasks: add, change, show done with evidence."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident import words
from incident.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound, StaleVersion
from incident.inputs.tasks import NewTask, TaskChange
from incident.models import Attachment, Evidence, Incident, Task, User
from incident.operations import clocks, facts, pace, timeline
from incident.operations.context import Context
from incident.who import Who
from workflows.lifecycle import Role

OPEN, STARTED, DONE, CANCELLED = "open", "started", "done", "cancelled"
STATUSES = (OPEN, STARTED, DONE, CANCELLED)
MAY_CHANGE = (Role.COMMANDER, Role.DUTY_LEADER, Role.DUTY_OFFICER, Role.GROUP_MEMBER)


def of(session: Session, incident_id: int) -> list[Task]:
    """Return the tasks of an incident, in the order in which they were made."""
    return list(
        session.scalars(select(Task).where(Task.incident_id == incident_id).order_by(Task.id))
    )


def find(session: Session, incident: Incident, task_id: int) -> Task:
    """Return a task of this incident; raise NotFound."""
    task = session.get(Task, task_id)
    if task is None or task.incident_id != incident.id:
        raise NotFound
    return task


def add(session: Session, incident: Incident, new: NewTask, context: Context) -> Task:
    """Add a task beside those of the plan."""
    allow(incident, context.who)
    task = make(session, incident, new, context)
    _tell(session, incident, "task_added", task, context)
    return task


def make(session: Session, incident: Incident, new: NewTask, context: Context) -> Task:
    """Make the row of a task; the caller says on the timeline why."""
    task = Task(
        incident_id=incident.id,
        title=new.title,
        group=new.group,
        status=OPEN,
        owner_id=_owner(session, new.owner),
        due_at=new.due_at,
        note=new.note,
        created_at=context.now,
        changed_at=context.now,
    )
    session.add(task)
    session.flush()
    return task


def change(
    session: Session, incident: Incident, task: Task, wanted: TaskChange, context: Context
) -> None:
    """Change owner, due time, status, note or evidence; done tasks may stop a clock."""
    allow(incident, context.who)
    if wanted.version is not None and wanted.version != task.version:
        raise StaleVersion(task.version)
    stated = wanted.model_fields_set
    if "owner" in stated:
        task.owner_id = _owner(session, wanted.owner)
    if "due_at" in stated:
        task.due_at = wanted.due_at
    if "note" in stated:
        task.note = wanted.note
    for attachment_id in wanted.evidence:
        _add_evidence(session, incident, task, attachment_id)
    task.changed_at = context.now
    if wanted.status and wanted.status != task.status:
        _set_status(session, incident, task, wanted.status, context)
    else:
        _tell(session, incident, "task_changed", task, context)
    session.flush()


def allow(incident: Incident, who: Who) -> None:
    """Raise Forbidden for people who have no tasks to give or to do, Conflict when it is over."""
    if not who.may_be(*MAY_CHANGE):
        raise Forbidden("wrong-role", role=Role.GROUP_MEMBER)
    refuse_if_over(incident)


def refuse_if_over(incident: Incident) -> None:
    """Raise Conflict for an incident that is over or went elsewhere."""
    if incident.state in clocks.OVER:
        raise Conflict("incident-finished", state=incident.state)


def _set_status(
    session: Session, incident: Incident, task: Task, status: str, context: Context
) -> None:
    task.status = status
    task.done_at = context.now if status == DONE else None
    if status == DONE and task.due_at is not None:
        task.due_at += pace.time_of(session, incident.drill).stood(context.now)
    _tell(session, incident, f"task_{status}", task, context)
    if status == DONE and task.measure:
        _pass_on(session, incident, task.measure, context)


def _pass_on(session: Session, incident: Incident, measure: str, context: Context) -> None:
    """Let clocks know that a measure was taken: some stop, some start."""
    how = f"task:{measure}"
    incident.moments = {**incident.moments, how: context.now.isoformat()}
    known = facts.for_rules(facts.current(session, incident.id))
    clocks.move_on(session, incident, how, facts=known, now=context.now, rules=context.rules)


def _owner(session: Session, name: str | None) -> int | None:
    if name is None:
        return None
    owner = session.scalar(select(User.id).where(User.name == name, User.disabled_at.is_(None)))
    if owner is None:
        raise InvalidInput([FieldError("owner", "no-such-user")])
    return owner


def _add_evidence(session: Session, incident: Incident, task: Task, attachment_id: int) -> None:
    attachment = session.get(Attachment, attachment_id)
    if attachment is None or attachment.incident_id != incident.id:
        raise InvalidInput([FieldError("evidence", "no-such-attachment")])
    if session.get(Evidence, (task.id, attachment_id)) is None:
        session.add(Evidence(task_id=task.id, attachment_id=attachment_id))


def _tell(session: Session, incident: Incident, type: str, task: Task, context: Context) -> None:
    owner = session.get(User, task.owner_id) if task.owner_id else None
    timeline.write(
        session,
        incident,
        type,
        who=context.who,
        now=context.now,
        words_for={
            "title": task.title,
            "owner": owner.display if owner else words.label("common", "nobody"),
        },
        data={"task": task.id, "measure": task.measure, "status": task.status},
    )
