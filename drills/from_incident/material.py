"""What an incident was, as plain values: what came in when, what was done when, what is secret."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.errors import Conflict
from incident.models import (
    Briefing,
    Consultation,
    Entry,
    Evidence,
    Incident,
    IncidentClock,
    Instruction,
    Observation,
    OutgoingMessage,
    Report,
    Task,
    User,
)
from workflows.divisions import Divisions
from workflows.lifecycle import Action, State

OVER = frozenset({State.CLOSED, State.DISMISSED})
ISSUED = "issued"
SHORTEST_SECRET = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A report as it came in; the first one opened the incident."""

    minute: int
    report: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """Facts that were entered together, otherwise than by a report."""

    minute: int
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """An incident that is over, with minutes from its reception; `secrets` may appear nowhere."""

    kind: str
    setting: str | None
    plan: str
    told: tuple[Told, ...]
    learnt: tuple[Learnt, ...]
    asked: tuple[int, ...]
    steps: Mapping[str, int]
    clocks: Mapping[str, int]
    tasks: Mapping[str, tuple[int, bool]]
    briefings: Mapping[str, int]
    concluded: int | None
    secrets: frozenset[str]


def gather(session: Session, incident: Incident, divisions: Divisions) -> Material:
    """Return what a scenario can be made of; raise Conflict for a drill or one not over."""
    if incident.drill is not None or incident.state not in OVER:
        raise Conflict("incident-not-closed")
    start = incident.received_at
    reports = session.scalars(
        select(Report).where(Report.incident_id == incident.id).order_by(Report.id)
    ).all()
    observations = session.scalars(
        select(Observation).where(Observation.incident_id == incident.id).order_by(Observation.id)
    ).all()
    return Material(
        kind=incident.kind,
        setting=incident.setting,
        plan=incident.plan,
        told=tuple(
            Told(minute=0 if number == 0 else _minute(one.filed_at, start), report=one.content)
            for number, one in enumerate(reports)
        ),
        learnt=tuple(_learnt(observations, start)),
        asked=tuple(_minute(at, start) for at in _instructions(session, incident)),
        steps=_steps(session, incident, start),
        clocks=_clocks(session, incident, start),
        tasks=_tasks(session, incident, start),
        briefings=_briefings(session, incident, start),
        concluded=_concluded(session, incident, start),
        secrets=frozenset(_secrets(session, incident, reports, observations, divisions)),
    )


def _minute(at: datetime, start: datetime) -> int:
    return max(0, int((at - start).total_seconds()) // 60)


def _learnt(observations: Iterable[Observation], start: datetime) -> Iterator[Learnt]:
    together: dict[int, dict[str, Any]] = {}
    for one in observations:
        if one.report_id is None and one.value is not None:
            together.setdefault(_minute(one.entered_at, start), {})[one.name] = one.value
    for minute, facts in sorted(together.items()):
        yield Learnt(minute=minute, facts=facts)


def _instructions(session: Session, incident: Incident) -> Sequence[datetime]:
    query = select(Instruction.given_at).where(Instruction.incident_id == incident.id)
    return session.scalars(query.order_by(Instruction.id)).all()


def _steps(session: Session, incident: Incident, start: datetime) -> Mapping[str, int]:
    """Return when each step was first taken."""
    rows = session.execute(
        select(Entry.type, Entry.at)
        .where(Entry.incident_id == incident.id, Entry.type.in_([str(one) for one in Action]))
        .order_by(Entry.seq.desc())
    )
    return {step: _minute(at, start) for step, at in rows}


def _clocks(session: Session, incident: Incident, start: datetime) -> Mapping[str, int]:
    """Return until when the clocks ran that were kept."""
    rows = session.scalars(
        select(IncidentClock)
        .where(IncidentClock.incident_id == incident.id, IncidentClock.advisory.is_(False))
        .order_by(IncidentClock.id.desc())
    )
    return {
        one.rule: _minute(one.due_at, start)
        for one in rows
        if one.due_at is not None
        and one.satisfied_at is not None
        and one.satisfied_at <= one.due_at
        and one.repeat_seconds is None
    }


def _tasks(session: Session, incident: Incident, start: datetime) -> Mapping[str, tuple[int, bool]]:
    shown = set(session.scalars(select(Evidence.task_id)))
    rows = session.scalars(
        select(Task).where(Task.incident_id == incident.id, Task.done_at.is_not(None))
    )
    return {
        one.measure: (_minute(one.done_at, start), one.id in shown)
        for one in rows
        if one.measure is not None and one.done_at is not None
    }


def _briefings(session: Session, incident: Incident, start: datetime) -> Mapping[str, int]:
    rows = session.execute(
        select(Briefing.kind, Briefing.issued_at)
        .where(Briefing.incident_id == incident.id, Briefing.status == ISSUED)
        .order_by(Briefing.id.desc())
    )
    return {kind: _minute(at, start) for kind, at in rows if at is not None}


def _concluded(session: Session, incident: Incident, start: datetime) -> int | None:
    query = select(Consultation.signed_at).where(
        Consultation.incident_id == incident.id, Consultation.signed_at.is_not(None)
    )
    at = session.scalar(query.order_by(Consultation.signed_at).limit(1))
    return None if at is None else _minute(at, start)


def _secrets(
    session: Session,
    incident: Incident,
    reports: Iterable[Report],
    observations: Iterable[Observation],
    divisions: Divisions,
) -> Iterator[str]:
    """Yield every name, telephone, unit, place and number that the incident and its people have."""
    place = incident.division
    own = (incident.number, incident.title, incident.unit, incident.address, incident.product)
    names = (divisions.name(code) for code in (place, place[:4] + "00", place[:2] + "0000"))
    people = session.execute(
        select(User.name, User.display, User.organisation, User.phone, User.mail)
    )
    messages = session.execute(
        select(OutgoingMessage.person, OutgoingMessage.to).where(
            OutgoingMessage.incident_id == incident.id
        )
    )
    found: list[object] = [*own, incident.batch, *names, divisions.full_name(place)]
    found += [text for row in people for text in row]
    found += [text for row in messages for text in row]
    found += [text for one in reports for text in secrets_of(one.content)]
    found += [one.value for one in observations if one.name.startswith("suspect_")]
    for text in found:
        if isinstance(text, str) and len(text.strip()) >= SHORTEST_SECRET:
            yield text.strip()


def secrets_of(report: Mapping[str, Any]) -> Iterator[object]:
    """Yield what in a report names somebody or something."""
    for part in ("place", "unit", "suspect", "reporter"):
        held = report.get(part)
        for name, text in held.items() if isinstance(held, Mapping) else ():
            if name != "meal":
                yield text
