"""All that is stored of an incident and that a briefing may say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.documents import Status
from incident.models import (
    Briefing,
    Consultation,
    Entry,
    GradeProposal,
    Incident,
    IncidentClock,
    Observation,
    Report,
    Review,
    Task,
)
from incident.operations import clocks, facts, follow_ups, tasks
from incident.rulebook import Rulebook
from workflows.lifecycle import Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The rows that a briefing rests on.

    `known` is the newest observation of each fact that is not withdrawn. `told` is what the
    reports say beside the facts, the later one first where two differ. `steps` is the newest
    entry of each step. `previous` is the last issued report before this one, None for the
    first; `consultations` are those signed since then, all for a final or special one.
    """

    incident: Incident
    known: Mapping[str, Observation]
    ill: tuple[Observation, ...]
    told: Mapping[str, Any]
    steps: Mapping[str, Entry]
    tasks: tuple[Task, ...]
    clocks: tuple[IncidentClock, ...]
    proposal: GradeProposal | None
    consultations: tuple[Consultation, ...]
    review: Review | None
    mended: tuple[str, ...]
    previous: Briefing | None
    seq: int
    head: str
    rules: Rulebook

    @property
    def values(self) -> dict[str, Any]:
        """The known facts by name."""
        return {name: row.value for name, row in self.known.items()}

    @property
    def moments(self) -> Mapping[str, datetime]:
        """The moments of the course by name."""
        return clocks.moments_of(self.incident)


def read(session: Session, incident: Incident, rules: Rulebook, *, before: Briefing) -> Stored:
    """Read everything for a briefing of this incident."""
    observations = facts.series(session, incident.id)
    newest = {row.name: row for row in observations}
    last = _last_entry(session, incident.id)
    previous = _previous(session, before)
    since = None if before.kind in ("final", "special") else previous
    return Stored(
        incident=incident,
        known={name: row for name, row in newest.items() if row.value is not None},
        ill=tuple(row for row in observations if row.name == "ill" and row.value is not None),
        told=_told(session, incident.id),
        steps=_steps(session, incident.id),
        tasks=tuple(tasks.of(session, incident.id)),
        clocks=tuple(clocks.running_or_done(session, incident)),
        proposal=_proposal(session, incident),
        consultations=_signed(session, incident.id, since),
        review=session.get(Review, incident.id),
        mended=tuple(row.what for row in follow_ups.of(session, incident.id)),
        previous=previous,
        seq=last.seq if last else 0,
        head=last.hash if last else "",
        rules=rules,
    )


def frozen(stored: Stored) -> dict[str, Any]:
    """Return the facts as JSON, with where each came from: what the next report compares with."""
    known = {
        name: {
            "value": row.value,
            "source": row.source,
            "basis": row.basis,
            "as_of": row.as_of.isoformat(),
            "reason": row.reason,
        }
        for name, row in stored.known.items()
    }
    return {"known": known, "grade": stored.incident.grade, "state": stored.incident.state}


def _told(session: Session, incident_id: int) -> dict[str, Any]:
    """Return the parts of reports that are no facts; narratives are kept all, in their order."""
    rows = session.scalars(
        select(Report).where(Report.incident_id == incident_id).order_by(Report.id)
    )
    told: dict[str, Any] = {"source": None, "narratives": []}
    for row in rows:
        told["source"] = told["source"] or row.source
        told.update(_parts(row.content))
        if narrative := row.content.get("narrative"):
            told["narratives"].append(narrative)
    return told


def _parts(content: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    unit, reporter = content.get("unit") or {}, content.get("reporter") or {}
    found = {
        "occurred_at": content.get("occurred_at"),
        "address": content["place"].get("address"),
        "unit": unit.get("name"),
        "licence": unit.get("licence"),
        "reporter": reporter.get("organisation"),
        "contact": " ".join(filter(None, (reporter.get("name"), reporter.get("phone")))),
    }
    yield from ((name, value) for name, value in found.items() if value)


def _steps(session: Session, incident_id: int) -> dict[str, Entry]:
    query = select(Entry).where(Entry.incident_id == incident_id, Entry.type.in_(list(Action)))
    return {row.type: row for row in session.scalars(query.order_by(Entry.seq))}


def _last_entry(session: Session, incident_id: int) -> Entry | None:
    query = select(Entry).where(Entry.incident_id == incident_id)
    return session.scalar(query.order_by(Entry.seq.desc()).limit(1))


def _proposal(session: Session, incident: Incident) -> GradeProposal | None:
    """Return the proposal that gave the present grade; before any, the one that is open."""
    wanted = GradeProposal.decision == "approved"
    if incident.grade is None:
        wanted = GradeProposal.decision.is_(None)
    query = select(GradeProposal).where(GradeProposal.incident_id == incident.id, wanted)
    return session.scalar(query.order_by(GradeProposal.id.desc()).limit(1))


def _previous(session: Session, before: Briefing) -> Briefing | None:
    query = select(Briefing).where(
        Briefing.incident_id == before.incident_id,
        Briefing.status == Status.ISSUED,
        Briefing.kind.in_(("initial", "progress", "final")),
    )
    return session.scalar(query.order_by(Briefing.issued_at.desc(), Briefing.id.desc()).limit(1))


def _signed(session: Session, incident_id: int, since: Briefing | None) -> tuple[Consultation, ...]:
    query = select(Consultation).where(
        Consultation.incident_id == incident_id, Consultation.signed_at.is_not(None)
    )
    if since is not None and since.issued_at is not None:
        query = query.where(Consultation.signed_at > since.issued_at)
    return tuple(session.scalars(query.order_by(Consultation.signed_at, Consultation.id)))
