"""Briefings as pages show them: the list, and one with its sources, gaps and changes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.documents import Change, Final, OfficialDocument, Progress, Status
from incident.gaps import missing
from incident.models import Briefing, Incident, IncidentClock, Rendering, User
from incident.operations import briefing_kinds, briefing_prints, briefing_turns, briefings, facts
from incident.operations import clocks as watching
from incident.operations.briefing_facts import COUNTED
from incident.operations.briefing_sources import frozen
from incident.rulebook import Rulebook


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the list; `printing` is waiting, done or failed."""

    id: int
    kind: str
    sequence: int
    title: str
    number: str | None
    is_issued: bool
    drafted_by: str
    drafted_at: datetime
    issued_by: str | None
    issued_at: datetime | None
    printing: str
    digest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a fact of the document comes from, as it stood in it."""

    name: str
    value: Any
    source: str
    basis: str | None
    as_of: datetime
    reason: str | None
    is_count: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that the document does not know: its words in `gaps`, or the label of a line.

    `way` is where it can be entered: facts, report, text, clock, or None while a later step
    will bring it; `target` is the field, the fact or the clock there.
    """

    name: str
    label: str | None
    way: str | None
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A briefing with everything that its page shows."""

    row: Row
    document: OfficialDocument
    fingerprint: str
    sources: tuple[Source, ...]
    gaps: tuple[Gap, ...]
    changes: tuple[Change, ...]
    previous: Row | None
    is_printed_now: bool
    error: str | None
    requested_at: datetime | None
    facts_version: int
    head: str
    text: Mapping[str, Any]


def rows(session: Session, incident_id: int) -> tuple[Row, ...]:
    """Return the briefings of an incident, the newest first."""
    return _rows(session, briefings.of(session, incident_id))


def startable(session: Session, incident: Incident) -> Mapping[str, str | None]:
    """Return each kind with the code of what speaks against beginning one, None when nothing."""
    there = briefings.of(session, incident.id)
    return {kind: briefing_turns.refusal(incident, kind, there) for kind in briefings.KINDS}


def view(session: Session, briefing: Briefing, rules: Rulebook) -> View:
    """Return one briefing: what was issued, or what the draft says on the facts of today."""
    stored = briefings.stored(session, briefing, rules)
    document = briefings.document(session, briefing, rules)
    is_issued = briefing.status == Status.ISSUED
    known = (briefing.facts if is_issued else frozen(stored)).get("known", {})
    printing = briefing_prints.rendering(session, briefing)
    previous = stored.previous if not is_issued else None
    return View(
        row=_rows(session, [briefing])[0],
        document=document,
        fingerprint=briefings.fingerprint(document),
        sources=tuple(_sources(known)),
        gaps=tuple(_gaps(session, briefing, document)),
        changes=_changes(document) if is_issued else briefing_kinds.changes(stored),
        previous=_rows(session, [previous])[0] if previous else None,
        is_printed_now=printing is not None and briefings.shows(printing, document),
        error=printing.error if printing and briefing_prints.has_failed(printing) else None,
        requested_at=printing.requested_at if printing else None,
        facts_version=document.facts_version,
        head=document.chain_head or "",
        text=briefing.content["text"],
    )


def _rows(session: Session, found: Sequence[Briefing]) -> tuple[Row, ...]:
    people = _people(session, found)
    orders = _orders(session, found)
    return tuple(
        Row(
            id=row.id,
            kind=row.kind,
            sequence=row.sequence,
            title=row.title,
            number=row.number,
            is_issued=row.status == Status.ISSUED,
            drafted_by=people.get(row.created_by or 0, "-"),
            drafted_at=row.created_at,
            issued_by=people.get(row.issued_by) if row.issued_by else None,
            issued_at=row.issued_at,
            printing=_printing(row, orders.get(row.id)),
            digest=row.digest,
        )
        for row in found
    )


def _people(session: Session, found: Sequence[Briefing]) -> dict[int, str]:
    ids = {person for row in found for person in (row.created_by, row.issued_by) if person}
    query = select(User.id, User.display).where(User.id.in_(ids))
    return dict(session.execute(query).all())


def _orders(session: Session, found: Sequence[Briefing]) -> dict[int, Rendering]:
    """Return {briefing: its newest order to print}."""
    query = select(Rendering).where(Rendering.briefing_id.in_([row.id for row in found]))
    return {row.briefing_id: row for row in session.scalars(query.order_by(Rendering.id))}


def _printing(row: Briefing, order: Rendering | None) -> str:
    if row.digest:
        return "done"
    return "failed" if order is not None and briefing_prints.has_failed(order) else "waiting"


def _sources(known: Mapping[str, Mapping[str, Any]]) -> Iterator[Source]:
    """Yield the facts, counts of persons first."""
    order = [*(name for name in COUNTED if name in known)]
    for name in [*order, *(name for name in known if name not in order)]:
        fact = known[name]
        yield Source(
            name=name,
            value=fact["value"],
            source=fact["source"],
            basis=fact["basis"],
            as_of=datetime.fromisoformat(fact["as_of"]),
            reason=fact["reason"],
            is_count=name in COUNTED,
        )


def _changes(document: OfficialDocument) -> tuple[Change, ...]:
    return document.content.changes if isinstance(document.content, Progress) else ()


# Where what is missing can be entered, and under which name there.
_WAYS: Mapping[str, tuple[str | None, str]] = {
    "facts.occurred_at": ("report", "occurred_at"),
    "facts.source": ("report", "source"),
    "facts.reporter": ("report", "reporter.organisation"),
    "facts.reporter_contact": ("report", "reporter.phone"),
    "facts.place": ("report", "place.address"),
    "facts.unit": ("report", "unit.name"),
    "facts.counts.as_of": ("facts", "ill"),
    "facts.suspect": ("facts", "suspect_product"),
    "facts.scope": ("facts", "counties"),
    "facts.grade": ("grading", ""),
    "facts.response": (None, ""),
    "content.terminated_at": (None, ""),
}
_WRITTEN = frozenset(
    {"course", "incubation", "samples", "loss", "trend", "opinion", "next_steps", "support"}
    | {"conclusion", "responsibility", "rectification", "lessons", "reason"}
)


def _gaps(session: Session, briefing: Briefing, document: OfficialDocument) -> Iterator[Gap]:
    for name in missing(document):
        part = name.rpartition(".")[2]
        if name in _WAYS:
            way, target = _WAYS[name]
            yield Gap(name=name, label=None, way=way, target=target)
        elif name.startswith("content.milestones."):
            yield _late_clock(session, briefing, document, int(part))
        elif name.startswith("content.changes."):
            label = _changes(document)[int(part)].label
            yield Gap(name="changes", label=label, way="facts", target="")
        elif part in _WRITTEN:
            yield Gap(name=name, label=None, way="text", target=part)
        elif part in COUNTED or part in facts.TEXTS:
            yield Gap(name=name, label=None, way="facts", target=part)
        else:
            yield Gap(name=name, label=None, way=None, target="")


def _late_clock(
    session: Session, briefing: Briefing, document: OfficialDocument, place: int
) -> Gap:
    """Return the gap of a clock that nobody has said to be kept."""
    assert isinstance(document.content, Final)  # noqa: S101 - only those have milestones
    step = document.content.milestones[place]
    running = watching.running_or_done(session, session.get_one(Incident, briefing.incident_id))
    clock = next((row for row in running if _is(row, step.label, step.due)), None)
    return Gap(
        name="milestones", label=step.label, way="clock", target=str(clock.id) if clock else ""
    )


def _is(row: IncidentClock, title: str, due: datetime | None) -> bool:
    return row.satisfied_at is None and row.title == title and row.due_at == due
