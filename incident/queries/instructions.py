"""Instructions under supervision (督办): where each stands, the overdue ones first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from incident.models import Attachment, Incident, Instruction, Task, User
from incident.operations import pace, tasks
from incident.operations.drill_time import REAL, DrillTime
from incident.queries import work
from incident.who import Who

OPEN, OVERDUE, REPORTED, CLOSED = "open", "overdue", "reported", "closed"
STATES = (OPEN, OVERDUE, REPORTED, CLOSED)
MINE, GIVEN = "mine", "given"
FILTERS = (*STATES, MINE, GIVEN)
MOST = 200

Found = tuple[Instruction, Task, Incident, User | None, User | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One instruction; `state` is one of STATES, reported once its task is done or cancelled.

    `due_at` None is without a due time, `owner` None is with nobody yet. `word` is the last word
    of the owner. `is_given` by the person who looks, `is_mine` to carry out. `drill` is the key
    of its drill, and `time` the clock that it goes by.
    """

    number: str
    incident: str
    title: str
    text: str
    giver: str
    owner: str | None
    given_at: datetime
    due_at: datetime | None
    state: str
    task: int
    task_status: str
    reminders: int
    reminded_at: datetime | None
    word: str | None
    done_at: datetime | None
    closed_at: datetime | None
    closed_by: str | None
    closing_note: str | None
    is_drill: bool
    drill: str | None
    time: DrillTime
    is_given: bool
    is_mine: bool


def lines(session: Session, who: Who, now: datetime, *, only: str = "") -> tuple[Line, ...]:
    """Return instructions as the desk sees them; `only` is one of FILTERS, "" for all open.

    Overdue ones stand first, then by due time; real before drill. Closed ones: the newest first.
    """
    query = _query().where(_wanted(who, now, only))
    return _lines(session, query.limit(MOST), who, now)


def of_incident(session: Session, incident_id: int, who: Who, now: datetime) -> tuple[Line, ...]:
    """Return the instructions of one incident, open ones first."""
    query = _query().where(Instruction.incident_id == incident_id)
    return _lines(session, query, who, now)


def one(session: Session, number: str, who: Who, now: datetime) -> Line | None:
    """Return one instruction, None when there is none."""
    return next(iter(_lines(session, _query().where(Instruction.number == number), who, now)), None)


def evidence(session: Session, line: Line) -> tuple[Attachment, ...]:
    """Return the files that show it done."""
    return work.evidence(session, line.task)


def counts(session: Session, who: Who, now: datetime) -> dict[str, int]:
    """Return how many real ones there are behind each filter."""
    found = {}
    for only in FILTERS:
        query = (
            select(func.count())
            .select_from(Instruction)
            .join(Task, Task.id == Instruction.task_id)
            .where(_wanted(who, now, only), Instruction.drill.is_(None))
        )
        found[only] = session.scalar(query) or 0
    return found


def waiting(session: Session) -> int:
    """Return how many real instructions are not closed."""
    query = select(func.count(Instruction.id)).where(
        Instruction.closed_at.is_(None), Instruction.drill.is_(None)
    )
    return session.scalar(query) or 0


def _query() -> Select[Found]:
    owner, closer = aliased(User), aliased(User)
    found: Select[Found]
    found = select(Instruction, Task, Incident, owner, closer)  # type: ignore[assignment]
    return (
        found.join(Task, Task.id == Instruction.task_id)
        .join(Incident, Incident.id == Instruction.incident_id)
        .outerjoin(owner, owner.id == Task.owner_id)
        .outerjoin(closer, closer.id == Instruction.closed_by)
        .order_by(Instruction.id.desc())
    )


def _wanted(who: Who, now: datetime, only: str) -> ColumnElement[bool]:
    open_still = Instruction.closed_at.is_(None)
    undone = Task.status.in_([tasks.OPEN, tasks.STARTED])
    return {
        OPEN: and_(open_still, undone),
        OVERDUE: and_(open_still, undone, Task.due_at <= now, pace.goes(Instruction.drill)),
        REPORTED: and_(open_still, ~undone),
        CLOSED: Instruction.closed_at.is_not(None),
        MINE: and_(open_still, Task.owner_id == who.id),
        GIVEN: and_(open_still, Instruction.giver_id == who.id),
    }.get(only, open_still)


def _lines(session: Session, query: Select[Found], who: Who, now: datetime) -> tuple[Line, ...]:
    rows: Sequence[Any] = session.execute(query).all()
    times = pace.of_all(session, {row[0].drill for row in rows if row[0].drill is not None})
    found = (_line(row, who, now, times.get(row[0].drill or "", REAL)) for row in rows)
    return tuple(sorted(found, key=_urgency))


def _line(row: Sequence[object], who: Who, now: datetime, time: DrillTime) -> Line:
    given, task, incident, owner, closer = row
    assert isinstance(given, Instruction)  # noqa: S101
    assert isinstance(task, Task)  # noqa: S101
    assert isinstance(incident, Incident)  # noqa: S101
    return Line(
        number=given.number,
        incident=incident.number,
        title=incident.title,
        text=given.text,
        giver=given.giver,
        owner=owner.display if isinstance(owner, User) else None,
        given_at=given.given_at,
        due_at=task.due_at,
        state=_state(given, task, now, time),
        task=task.id,
        task_status=task.status,
        reminders=given.reminders,
        reminded_at=given.reminded_at,
        word=task.note,
        done_at=task.done_at,
        closed_at=given.closed_at,
        closed_by=closer.display if isinstance(closer, User) else None,
        closing_note=given.closing_note,
        is_drill=given.drill is not None,
        drill=given.drill,
        time=time,
        is_given=given.giver_id == who.id,
        is_mine=task.owner_id is not None and task.owner_id == who.id,
    )


def _state(given: Instruction, task: Task, now: datetime, time: DrillTime) -> str:
    if given.closed_at is not None:
        return CLOSED
    if task.status not in (tasks.OPEN, tasks.STARTED):
        return REPORTED
    is_over = task.due_at is not None and task.due_at <= time.moment(now)
    return OVERDUE if is_over else OPEN


def _urgency(line: Line) -> tuple[object, ...]:
    if line.closed_at is not None:
        return (1, -line.closed_at.timestamp())
    due = line.due_at.timestamp() if line.due_at else float("inf")
    return (0, line.is_drill, line.state != OVERDUE, line.state == REPORTED, due, line.number)
