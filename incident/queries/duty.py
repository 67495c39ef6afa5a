"""What the duty desk shows: the queue, who has not answered, who is on duty, what waits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from incident.models import (
    ChainHead,
    Incident,
    IncidentClock,
    Observation,
    Task,
    User,
)
from incident.models import Role as RoleRow
from incident.operations import pace
from incident.operations.drill_time import REAL, DrillTime
from incident.queries import follow_ups, incidents, instructions, reached, scope
from incident.rulebook import Rulebook
from incident.who import Who
from workflows.lifecycle import MAIN_LINE, Role, State

OPEN = tuple(state for state in MAIN_LINE if state != State.CLOSED)
RUNNING = (State.RESPONDING, State.CONSULTING, State.DISPOSING)
OPEN_TASKS = ("open", "started")
ON_DUTY = (Role.DUTY_OFFICER, Role.DUTY_LEADER, Role.COMMANDER)
CALLABLE = (*ON_DUTY, Role.CHAIR, Role.EXPERT, Role.LEADER, Role.GROUP_MEMBER)
LARGEST_QUEUE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One incident of the queue. `starts_at` is when its nearest clock began.

    `place` is the division's own name. `asked` people are called, `acked` of them answered.
    `time` is the clock that it goes by.
    """

    row: incidents.Row
    place: str | None
    symptoms: str | None
    starts_at: datetime | None
    asked: int
    acked: int
    time: DrillTime

    def is_over(self, now: datetime) -> bool:
        """Tell whether the nearest clock is overdue."""
        due = self.row.next_due_at
        return due is not None and self.time.left(due, now) <= timedelta()

    def is_near(self, now: datetime) -> bool:
        """Tell whether a quarter or less of the nearest clock is left."""
        due, start = self.row.next_due_at, self.starts_at
        if due is None or start is None or self.is_over(now):
            return False
        return self.time.left(due, now) * 4 <= self.time.going.between(start, due)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """The people who have a role, with their telephones."""

    role: str
    people: tuple[User, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What waits on the desk, drills left out."""

    reported: int
    ungraded: int
    running: int
    tasks: int
    instructions: int
    follow_ups: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LastDrill:
    """The newest drill incident."""

    number: str
    title: str
    state: str
    received_at: datetime


def queue(session: Session, who: Who, rules: Rulebook) -> tuple[Line, ...]:
    """Return the open incidents, next clock first; drills stand after the real ones."""
    real = _rows(session, who, drill=False)
    drills = _rows(session, who, drill=True)
    return _lines(session, [*real, *drills], rules)


def head(session: Session) -> int:
    """Return the seq of the newest entry."""
    return session.scalar(select(ChainHead.seq)) or 0


def posts(session: Session, roles: Iterable[str] = ON_DUTY) -> tuple[Post, ...]:
    """Return who can be called under each role."""
    return tuple(Post(role=role, people=tuple(_holders(session, role))) for role in roles)


def counts(session: Session) -> Counts:
    """Return what waits."""
    real = select(func.count(Incident.id)).where(Incident.drill.is_(None))
    ungraded = real.where(Incident.state == State.GRADING, Incident.grade.is_(None))
    tasks = (
        select(func.count(Task.id))
        .join(Incident, Incident.id == Task.incident_id)
        .where(Incident.drill.is_(None), Task.status.in_(OPEN_TASKS), Incident.state.in_(OPEN))
    )
    return Counts(
        reported=session.scalar(real.where(Incident.state == State.REPORTED)) or 0,
        ungraded=session.scalar(ungraded) or 0,
        running=session.scalar(real.where(Incident.state.in_(RUNNING))) or 0,
        tasks=session.scalar(tasks) or 0,
        instructions=instructions.waiting(session),
        follow_ups=follow_ups.count_open(session),
    )


def last_drill(session: Session) -> LastDrill | None:
    """Return the newest drill, None before the first."""
    newest = (Incident.id + 0).desc()  # drills are few: not walked for through all the others
    query = select(Incident).where(scope.OF_DRILLS).order_by(newest)
    row = session.scalar(query.limit(1))
    if row is None:
        return None
    return LastDrill(
        number=row.number, title=row.title, state=row.state, received_at=row.received_at
    )


def _holders(session: Session, role: str) -> list[User]:
    """Return the people who have a role and a telephone; rosters will say who is on duty."""
    having = select(RoleRow.user_id).where(RoleRow.role == role)
    query = select(User).where(
        User.id.in_(having), User.phone.is_not(None), User.disabled_at.is_(None)
    )
    return list(session.scalars(query.order_by(User.id)))


def _rows(session: Session, who: Who, *, drill: bool) -> Sequence[incidents.Row]:
    page = incidents.desk_list(
        session, who, states=OPEN, drill=drill, with_shelved=not drill, limit=LARGEST_QUEUE
    )
    return page.rows


def _lines(session: Session, rows: Sequence[incidents.Row], rules: Rulebook) -> tuple[Line, ...]:
    ids = [row.id for row in rows]
    starts = _starts(session, rows)
    symptoms = _symptoms(session, ids)
    tallies = reached.tallies(session, ids)
    times = pace.of_all(session, {row.drill for row in rows if row.drill})
    return tuple(
        Line(
            row=row,
            place=rules.divisions.name(row.division),
            symptoms=symptoms.get(row.id),
            starts_at=starts.get(row.id),
            asked=len(tallies.get(row.id, reached.NOBODY).asked),
            acked=len(tallies.get(row.id, reached.NOBODY).acked),
            time=times.get(row.drill or "", REAL),
        )
        for row in rows
    )


def _starts(session: Session, rows: Sequence[incidents.Row]) -> dict[int, datetime]:
    """Return when the nearest running clock of each incident began."""
    due = {row.id: row.next_due_at for row in rows if row.next_due_at}
    if not due:
        return {}
    found = session.execute(  # which of them run is looked at here, as in incidents.summaries
        select(
            IncidentClock.incident_id,
            IncidentClock.starts_at,
            IncidentClock.due_at,
            IncidentClock.satisfied_at,
            IncidentClock.advisory,
        ).where(IncidentClock.incident_id.in_(due))
    )
    return {
        incident: start
        for incident, start, due_at, satisfied_at, advisory in found
        if due_at == due[incident] and satisfied_at is None and not advisory
    }


def _symptoms(session: Session, ids: Sequence[int]) -> dict[int, str]:
    found = session.execute(
        select(Observation.incident_id, Observation.value)
        .where(Observation.incident_id.in_(ids), Observation.name == "symptoms")
        .order_by(Observation.as_of, Observation.id)
    )
    return {incident: value for incident, value in found if value}
