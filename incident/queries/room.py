"""What stays in view of one incident: board, steps, clocks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from incident.models import Entry, Incident, IncidentClock, Observation, User
from incident.operations import clocks as watching
from incident.operations import grading, pace
from incident.operations.drill_time import DrillTime
from incident.queries import reached
from incident.queries.timeline import last_seq
from incident.rulebook import Rulebook
from workflows.lifecycle import ASIDE, MAIN_LINE, Action

FIGURES = ("ill", "severe", "deaths")
RAIL = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number on the board; None is unknown."""

    name: str
    value: int | None
    as_of: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A statutory clock as pages show it; `how` is a state of operations.clocks.

    `stopped_at` is when its incident was over and nobody had kept it: it counts no further.
    """

    id: int
    rule: str
    title: str
    actor: str
    receiver: str
    basis: str
    confidence: str
    starts_at: datetime
    due_at: datetime | None
    done_at: datetime | None
    done_how: str | None
    stopped_at: datetime | None
    advisory: bool
    how: str
    note: str | None

    @property
    def is_late(self) -> bool:
        """Tell whether it was kept late or is overdue."""
        return self.how in ("late", "overdue")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A state of the main line: done, current, ahead or skipped; when reached, and by whom."""

    state: str
    status: str
    at: datetime | None
    who: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The head of an incident on all its pages.

    `grade_proposed` says that `grade` is only proposed. `seq` is the newest entry that the
    board rests on, `version` what a change must name.
    """

    number: str
    title: str
    symptoms: str | None
    kind: str
    state: str
    grade: str | None
    grade_proposed: bool
    grade_by: str | None
    grade_at: datetime | None
    place: str | None
    address: str | None
    unit: str | None
    plan: str
    figures: tuple[Figure, ...]
    next_clock: Clock | None
    asked: int
    acked: int
    commander: str | None
    officer: str | None
    is_drill: bool
    merged_into: str | None
    version: int
    seq: int


def board(session: Session, incident: Incident, rules: Rulebook, now: datetime) -> Board:
    """Return the board of an incident."""
    decided = _last_entries(session, incident.id)
    graded = decided.get(Action.REGRADE) or decided.get(Action.APPROVE_GRADE)
    led = decided.get(Action.ACTIVATE) or graded
    proposal = grading.open_proposal(session, incident.id) if incident.grade is None else None
    told = reached.tally(session, incident.id)
    known = _known(session, incident.id)
    symptoms = known.get("symptoms")
    return Board(
        number=incident.number,
        title=incident.title,
        symptoms=str(symptoms.value) if symptoms and symptoms.value else None,
        kind=incident.kind,
        state=incident.state,
        grade=proposal.grade if proposal else incident.grade,
        grade_proposed=proposal is not None,
        grade_by=graded.actor if graded else None,
        grade_at=graded.at if graded else None,
        place=rules.divisions.full_name(incident.division),
        address=incident.address,
        unit=incident.unit,
        plan=incident.plan,
        figures=_figures(known),
        next_clock=_next(clocks(session, incident, now)),
        asked=len(told.asked),
        acked=len(told.acked),
        commander=led.actor if led else None,
        officer=_display(session, incident.opened_by),
        is_drill=incident.drill is not None,
        merged_into=_number(session, incident.merged_into),
        version=incident.version,
        seq=last_seq(session, incident.id),
    )


def clocks(session: Session, incident: Incident, now: datetime) -> tuple[Clock, ...]:
    """Return all clocks: the running ones first, the nearest due before the others."""
    time = pace.time_of(session, incident.drill)
    over = _over_since(session, incident)
    found = [_clock(row, now, time, over) for row in watching.running_or_done(session, incident)]
    return tuple(sorted(found, key=_urgency))


def rail(found: Sequence[Clock]) -> tuple[Clock, ...]:
    """Return the few clocks that belong beside the timeline: open, and not only advisory."""
    return tuple(c for c in found if _is_open(c) and not c.advisory)[:RAIL]


def steps(session: Session, incident: Incident) -> tuple[Step, ...]:
    """Return the main line as far as it went; an incident put aside ends where it left."""
    reached = _reached(session, incident)
    aside = incident.state in ASIDE
    line = [state for state in MAIN_LINE if not aside or state in reached]
    if aside:
        line = [*line, incident.state]  # type: ignore[list-item]
    at = line.index(incident.state)  # type: ignore[arg-type]
    return tuple(
        Step(
            state=str(state),
            status=_status(index, at, is_reached=state in reached),
            at=reached[state][0] if state in reached and index <= at else None,
            who=reached[state][1] if state in reached and index <= at else None,
        )
        for index, state in enumerate(line)
    )


def _status(index: int, at: int, *, is_reached: bool) -> str:
    if index == at:
        return "current"
    if index > at:
        return "ahead"
    return "done" if is_reached else "skipped"


def _reached(session: Session, incident: Incident) -> Mapping[str, tuple[datetime, str | None]]:
    """Return when each state was entered last, and by whom."""
    opened_by = _display(session, incident.opened_by)
    found: dict[str, tuple[datetime, str | None]] = {
        MAIN_LINE[0]: (incident.received_at, opened_by)
    }
    moves = select(Entry).where(Entry.incident_id == incident.id, Entry.type.in_(list(Action)))
    for entry in session.scalars(moves.order_by(Entry.seq)):
        if entry.data.get("from") != entry.data.get("to"):
            found[entry.data["to"]] = (entry.at, entry.actor)
    return found


def _last_entries(session: Session, incident_id: int) -> dict[str, Entry]:
    kinds = [Action.APPROVE_GRADE, Action.REGRADE, Action.ACTIVATE]
    newest = (
        select(func.max(Entry.seq))
        .where(Entry.incident_id == incident_id, Entry.type.in_(kinds))
        .group_by(Entry.type)
    )
    return {row.type: row for row in session.scalars(select(Entry).where(Entry.seq.in_(newest)))}


def _known(session: Session, incident_id: int) -> dict[str, Observation]:
    """Return the newest observation of each fact on the board."""
    query = select(Observation).where(
        Observation.incident_id == incident_id, Observation.name.in_([*FIGURES, "symptoms"])
    )
    rows = session.scalars(query.order_by(Observation.as_of, Observation.id))
    return {row.name: row for row in rows}


def _figures(known: Mapping[str, Observation]) -> tuple[Figure, ...]:
    return tuple(
        Figure(
            name=name,
            value=known[name].value if name in known else None,
            as_of=known[name].as_of if name in known else None,
        )
        for name in FIGURES
    )


def _over_since(session: Session, incident: Incident) -> datetime | None:
    """Return when an incident was over, or went elsewhere; None while it is not."""
    if incident.state not in watching.OVER:
        return None
    return _reached(session, incident).get(incident.state, (None, None))[0]


def _is_open(clock: Clock) -> bool:
    return clock.done_at is None and clock.stopped_at is None


def _clock(row: IncidentClock, now: datetime, time: DrillTime, over: datetime | None) -> Clock:
    return Clock(
        id=row.id,
        rule=row.rule,
        title=row.title,
        actor=row.actor,
        receiver=row.receiver,
        basis=row.basis,
        confidence=row.confidence,
        starts_at=row.starts_at,
        due_at=row.due_at,
        done_at=row.satisfied_at,
        done_how=row.satisfied_how,
        stopped_at=over if row.satisfied_at is None else None,
        advisory=row.advisory,
        how=watching.state(row, over or now, time),
        note=row.note,
    )


def _urgency(clock: Clock) -> tuple[bool, bool, bool, datetime, int]:
    moment = clock.due_at or clock.starts_at
    return (clock.done_at is not None, clock.advisory, clock.due_at is None, moment, clock.id)


def _next(found: Sequence[Clock]) -> Clock | None:
    running = (c for c in found if _is_open(c) and c.due_at is not None and not c.advisory)
    return next(running, None)


def _display(session: Session, user_id: int | None) -> str | None:
    user = session.get(User, user_id) if user_id is not None else None
    return user.display if user else None


def _number(session: Session, incident_id: int | None) -> str | None:
    found = session.get(Incident, incident_id) if incident_id is not None else None
    return found.number if found else None
