"""The whole course of an incident for its picture: what the desk knew and did, and when."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.models import Entry, Incident, Observation
from incident.queries import timeline
from incident.queries.replay import GRADED
from incident.queries.room import FIGURES
from incident.who import Who
from workflows.lifecycle import Action, State

SHAPES = {
    "alert_started": "call",
    "alert_answered": "answer",
    "alert_unanswered": "siren",
    "briefing_issued": "paper",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One entry that is drawn as a mark, with its own words."""

    at: datetime
    shape: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """States and grades from when they held, counts from when they were known, and events."""

    states: tuple[tuple[datetime, str], ...]
    grades: tuple[tuple[datetime, str], ...]
    counts: dict[str, tuple[tuple[datetime, int], ...]]
    events: tuple[Happened, ...]


def course(session: Session, incident: Incident, who: Who) -> Course:
    """Return the course, of its events those that this person may know of."""
    inside = timeline.is_inside(who)
    wanted = [*Action, *(SHAPES if inside else ())]
    states = [(incident.received_at, str(State.REPORTED))]
    grades, events = [], []
    query = select(Entry).where(Entry.incident_id == incident.id, Entry.type.in_(wanted))
    for entry in session.scalars(query.order_by(Entry.seq)):
        if entry.type in SHAPES:
            shape = SHAPES[entry.type]
            events.append(Happened(at=entry.entered_at, shape=shape, text=entry.text))
            continue
        state = entry.data.get("to")
        if state and state != states[-1][1]:
            states.append((entry.entered_at, state))
        if entry.type in GRADED:
            grades.append((entry.entered_at, entry.data["grade"]))
    return Course(
        states=tuple(states),
        grades=tuple(grades),
        counts=_counts(session, incident.id),
        events=tuple(events),
    )


def _counts(session: Session, incident_id: int) -> dict[str, tuple[tuple[datetime, int], ...]]:
    """Return what the desk took each count for, and since when."""
    rows = session.scalars(
        select(Observation)
        .where(Observation.incident_id == incident_id, Observation.name.in_(FIGURES))
        .order_by(Observation.entered_at, Observation.id)
    )
    points: dict[str, list[tuple[datetime, int]]] = {}
    speaks_of: dict[str, datetime] = {}
    for row in rows:
        if isinstance(row.value, int) and row.as_of >= speaks_of.get(row.name, row.as_of):
            speaks_of[row.name] = row.as_of
            points.setdefault(row.name, []).append((row.entered_at, row.value))
    return {name: tuple(points[name]) for name in FIGURES if name in points}
