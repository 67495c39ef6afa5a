"""The tasks of an incident: list, add, change, show done."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.api import answering, finding, reading, writing
from incident.api.answers import Moment
from incident.api.asking import Listing, part
from incident.api.contract import PREFIX, Match, Scope, operation
from incident.inputs.base import parse
from incident.inputs.tasks import NewTask, TaskChange
from incident.models import Evidence, Task, User
from incident.operations import tasks
from incident.web.access import Permission, requires, who
from incident.web.desk import services

blueprint = Blueprint("api_tasks", __name__, url_prefix=PREFIX)
ONE = "/incidents/<number>/tasks/<int(max=2147483647):task>"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskAnswer:
    """A task; `measure` is its item in the plan, null when a person added it.

    `owner` is an account; `evidence` are attachments; `version` is the task's own.
    """

    id: int
    title: str
    group: str | None
    owner: str | None
    owner_name: str | None
    status: str
    due_at: Moment | None
    note: str | None
    measure: str | None
    basis: str | None
    confidence: str | None
    evidence: tuple[int, ...]
    version: int
    created_at: Moment
    changed_at: Moment
    done_at: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tasks:
    """A part of the tasks, in the order in which they were made."""

    items: tuple[TaskAnswer, ...]
    next: str | None


@blueprint.get("/incidents/<number>/tasks")
@requires(Permission.INCIDENT)
@operation("List the tasks of an incident.", query=Listing, answer=Tasks)
def index(number: str) -> Response:
    asked = reading.query(Listing)
    with services().reading() as session:
        rows, following = part(tasks.of(session, finding.incident(session, number).id), asked)
        return answering.respond(Tasks(items=_answers(session, rows), next=following))


@blueprint.get(ONE)
@requires(Permission.INCIDENT)
@operation("Show one task.", answer=TaskAnswer)
def show(number: str, task: int) -> Response:
    with services().reading() as session:
        row = tasks.find(session, finding.incident(session, number), task)
        return answering.respond(_answers(session, [row])[0])


@blueprint.post("/incidents/<number>/tasks")
@requires(Permission.TASK)
@operation(
    "Add a task beside those of the plan.",
    scope=Scope.ACT,
    body=(NewTask,),
    answer=TaskAnswer,
    status=201,
    match=Match.OPTIONAL,
    changes=True,
    problems=(409,),
)
def add(number: str) -> Response:
    raw = reading.body()
    new = parse(NewTask, raw)
    version = reading.seen_version(required=False)
    context = services().context(who())

    def work(session: Session) -> TaskAnswer:
        incident = writing.held(session, number, context.who, version)
        return _answers(session, [tasks.add(session, incident, new, context)])[0]

    return writing.change(raw, work)


@blueprint.patch(ONE)
@requires(Permission.TASK)
@operation(
    "Change a task: owner, due time, status, note, evidence. What is left out stays.",
    scope=Scope.ACT,
    body=(TaskChange,),
    answer=TaskAnswer,
    match=Match.OPTIONAL,
    changes=True,
    problems=(409,),
)
def change(number: str, task: int) -> Response:
    raw = reading.body()
    wanted = parse(TaskChange, raw)
    version = reading.seen_version(required=False)
    context = services().context(who())

    def work(session: Session) -> TaskAnswer:
        incident = writing.held(session, number, context.who, version)
        row = tasks.find(session, incident, task)
        tasks.change(session, incident, row, wanted, context)
        return _answers(session, [row])[0]

    return writing.change(raw, work)


def _answers(session: Session, rows: Sequence[Task]) -> tuple[TaskAnswer, ...]:
    session.flush()
    people = {
        user.id: user
        for user in session.scalars(
            select(User).where(User.id.in_({row.owner_id for row in rows if row.owner_id}))
        )
    }
    shown: dict[int, list[int]] = {}
    for evidence in session.scalars(
        select(Evidence)
        .where(Evidence.task_id.in_([row.id for row in rows]))
        .order_by(Evidence.attachment_id)
    ):
        shown.setdefault(evidence.task_id, []).append(evidence.attachment_id)
    return tuple(_answer(row, people.get(row.owner_id or 0), shown.get(row.id, [])) for row in rows)


def _answer(row: Task, owner: User | None, evidence: Sequence[int]) -> TaskAnswer:
    return TaskAnswer(
        id=row.id,
        title=row.title,
        group=row.group,
        owner=owner.name if owner else None,
        owner_name=owner.display if owner else None,
        status=row.status,
        due_at=row.due_at,
        note=row.note,
        measure=row.measure,
        basis=row.basis,
        confidence=row.confidence,
        evidence=tuple(evidence),
        version=row.version,
        created_at=row.created_at,
        changed_at=row.changed_at,
        done_at=row.done_at,
    )
