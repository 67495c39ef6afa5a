"""What the desk knew of an incident at a moment: nothing that came to it later is in there."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.models import Briefing, Entry, Incident, IncidentClock, Task
from incident.operations import clocks as watching
from incident.operations import facts as observing
from incident.operations import tasks as working
from incident.queries import changes, sheet
from incident.queries.dial import Dial
from incident.queries.known import ORDER, Known
from incident.rulebook import Rulebook
from workflows.lifecycle import Action, State

GRADED = (Action.APPROVE_GRADE, Action.REGRADE)
TASKS = tuple(f"task_{status}" for status in working.STATUSES)
ISSUED, DRAFT = "issued", "draft"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """State and grade at a moment; `proposed` is a grade that waited for a decision."""

    state: str
    grade: str | None
    proposed: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockThen:
    """A clock as it stood. The moments are places on the incident's dial.

    `left` is what remained, less than nothing when it was late, None where the law gives no number
    or the clock had been kept by then. `how` is a state of operations.clocks.
    """

    title: str
    actor: str
    receiver: str
    basis: str
    confidence: str
    advisory: bool
    starts_at: datetime
    due_at: datetime | None
    done_at: datetime | None
    left: timedelta | None
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskThen:
    """A task as it stood; `due_at` is left out where somebody changed the task afterwards."""

    id: int
    title: str
    group: str | None
    status: str
    since: datetime
    due_at: datetime | None
    changed_later: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A document as it stood: a draft, or issued with its number."""

    id: int
    kind: str
    title: str
    number: str | None
    status: str
    at: datetime


def position(moments: Sequence[datetime], moment: datetime) -> int:
    """Return how many moments had come by then: the place of the cursor, from 1."""
    return bisect_right(moments, moment)


def standing(session: Session, incident: Incident, moment: datetime) -> Standing:
    """Return state and grade at a moment."""
    rows = session.execute(
        select(Entry.type, Entry.data)
        .where(
            Entry.incident_id == incident.id,
            Entry.type.in_(list(Action)),
            Entry.entered_at <= moment,
        )
        .order_by(Entry.seq)
    )
    state, grade, proposed = str(State.REPORTED), None, None
    for type, data in rows:
        state = data.get("to") or state
        if type in GRADED:
            grade, proposed = data["grade"], None
        elif type == Action.PROPOSE_GRADE:
            proposed = data["grade"]
    return Standing(state=state, grade=grade, proposed=proposed)


def facts(
    session: Session, incident: Incident, moment: datetime, rules: Rulebook
) -> tuple[Known, ...]:
    """Return what was known at a moment, each with its source; what the plan asks for stands too.

    Only what had been entered by then counts, whatever it speaks of.
    """
    rows = observing.series(session, incident.id)
    newest = {row.name: row for row in rows if row.entered_at <= moment}
    known = {name: row for name, row in newest.items() if row.value is not None}
    names = sorted({*known, *sheet.asked(incident, rules)}, key=_place)
    return tuple(
        Known(
            name=name,
            value=known[name].value,
            source=known[name].source,
            basis=known[name].basis,
            as_of=known[name].as_of,
        )
        if name in known
        else Known(name=name, value=None)
        for name in names
    )


def clocks(
    session: Session, incident: Incident, moment: datetime, dial: Dial, rules: Rulebook
) -> tuple[ClockThen, ...]:
    """Return the clocks that had begun by a moment: the running ones first, the nearest first."""
    course = changes.course(session, incident, dial, rules=rules)
    since = changes.since(course, rules)
    marked = _marks(session, incident)
    found = []
    for row in watching.running_or_done(session, incident):
        begun = dial.counted(row.starts_at)
        if since.get((row.rule, begun), begun) <= dial.counted(moment):
            found.append(_clock(row, moment, dial, marked.get(row.id)))
    return tuple(sorted(found, key=_urgency))


def tasks(session: Session, incident: Incident, moment: datetime) -> tuple[TaskThen, ...]:
    """Return the tasks that had been made by a moment, with their status then."""
    told = session.execute(
        select(Entry.entered_at, Entry.type, Entry.data)
        .where(Entry.incident_id == incident.id, Entry.type.in_([*TASKS, "task_changed"]))
        .order_by(Entry.seq)
    ).all()
    became: dict[int, tuple[str, datetime]] = {}
    later: set[int] = set()
    for at, type, data in told:
        if at > moment:
            later.add(data["task"])
        elif type in TASKS:
            became[data["task"]] = (data["status"], at)
    made = [row for row in working.of(session, incident.id) if row.created_at <= moment]
    return tuple(_task(row, became.get(row.id), later) for row in made)


def papers(session: Session, incident: Incident, moment: datetime) -> tuple[Paper, ...]:
    """Return the documents that had been drafted or issued by a moment."""
    rows = session.scalars(
        select(Briefing)
        .where(Briefing.incident_id == incident.id, Briefing.created_at <= moment)
        .order_by(Briefing.id)
    )
    there = (row for row in rows if row.withdrawn_at is None or row.withdrawn_at > moment)
    return tuple(_paper(row, moment) for row in there)


def _place(name: str) -> tuple[int, str]:
    return (ORDER.index(name) if name in ORDER else len(ORDER), name)


def _marks(session: Session, incident: Incident) -> Mapping[int, datetime]:
    """Return when it was written down that a clock had been kept, for those marked by hand."""
    rows = session.execute(
        select(Entry.data, Entry.entered_at).where(
            Entry.incident_id == incident.id, Entry.type == "clock_kept"
        )
    )
    return {data["clock"]: at for data, at in rows}


def _clock(row: IncidentClock, moment: datetime, dial: Dial, told: datetime | None) -> ClockThen:
    now = dial.counted(moment)
    start = dial.counted(row.starts_at)
    due_at = None if row.due_at is None else dial.due(row.due_at)
    known = told or row.satisfied_at
    kept = None
    if row.satisfied_at is not None and known is not None and known <= moment:
        kept = dial.counted(row.satisfied_at)
    if kept is None:
        how = watching.running_state(start, due_at, now)
    else:
        how = "late" if due_at is not None and kept > due_at else "done"
    return ClockThen(
        title=row.title,
        actor=row.actor,
        receiver=row.receiver,
        basis=row.basis,
        confidence=row.confidence,
        advisory=row.advisory,
        starts_at=start,
        due_at=due_at,
        done_at=kept,
        left=None if due_at is None or kept is not None else due_at - now,
        how=how,
    )


def _urgency(clock: ClockThen) -> tuple[bool, bool, bool, datetime]:
    place = clock.due_at or clock.starts_at
    return (clock.done_at is not None, clock.advisory, clock.due_at is None, place)


def _task(row: Task, became: tuple[str, datetime] | None, later: set[int]) -> TaskThen:
    status, since = became or (working.OPEN, row.created_at)
    return TaskThen(
        id=row.id,
        title=row.title,
        group=row.group,
        status=status,
        since=since,
        due_at=None if row.id in later else row.due_at,
        changed_later=row.id in later,
    )


def _paper(row: Briefing, moment: datetime) -> Paper:
    issued = row.issued_at is not None and row.issued_at <= moment
    return Paper(
        id=row.id,
        kind=row.kind,
        title=row.title,
        number=row.number if issued else None,
        status=ISSUED if issued else DRAFT,
        at=row.issued_at if issued and row.issued_at else row.created_at,
    )
