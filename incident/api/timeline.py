"""The timeline of an incident, and the pull twin of the live events."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response
from sqlalchemy import Select, select

from incident.api import answering, finding, reading
from incident.api.answers import Moment
from incident.api.asking import Following
from incident.api.contract import PREFIX, operation
from incident.models import Entry, Incident
from incident.queries import events, scope
from incident.queries.timeline import OUTSIDE, is_inside
from incident.web.access import Permission, requires, who
from incident.web.desk import services

blueprint = Blueprint("api_timeline", __name__, url_prefix=PREFIX)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryAnswer:
    """An entry: `at` is when it happened, `entered_at` when it was written down.

    `corrects` is the seq of the entry that this one strikes; `hash` binds it to the one before.
    """

    seq: int
    at: Moment
    entered_at: Moment
    type: str
    actor: str
    text: str
    data: dict[str, Any]
    corrects: int | None
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Entries in order; `next` is what to ask after for more, null when these are all."""

    items: tuple[EntryAnswer, ...]
    next: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """Events in order; ask after `next` for what follows, at once when there is `more`."""

    items: tuple[events.Event, ...]
    next: int
    more: bool


@blueprint.get("/incidents/<number>/timeline")
@requires(Permission.INCIDENT)
@operation("Read the timeline of an incident.", query=Following, answer=Timeline)
def of_incident(number: str) -> Response:
    asked = reading.query(Following)
    with services().reading() as session:
        found = finding.incident(session, number)
        query = _mine(asked.seq).where(Entry.incident_id == found.id)
        rows = session.scalars(query.limit(asked.limit + 1)).all()
    shown = tuple(_entry(row) for row in rows[: asked.limit])
    more = len(rows) > asked.limit
    return answering.respond(Timeline(items=shown, next=shown[-1].seq if more else None))


@blueprint.get("/events")
@requires(Permission.INCIDENT)
@operation("Read everything that the caller may see, in order.", query=Following, answer=Events)
def follow() -> Response:
    asked = reading.query(Following)
    query = _mine(asked.seq).where(Entry.incident_id.is_not(None))
    if not scope.sees_all(who()):
        query = query.where(Entry.incident_id.in_(select(Incident.id).where(scope.visible(who()))))
    with services().reading() as session:
        head = events.head(session)
        rows = session.scalars(query.where(Entry.seq <= head).limit(asked.limit + 1)).all()
    shown = tuple(events.of_entry(row) for row in rows[: asked.limit])
    more = len(rows) > asked.limit
    reached = shown[-1].seq if more else max(asked.seq, head)
    return answering.respond(Events(items=shown, next=reached, more=more))


def _mine(after: int) -> Select[Entry]:
    """Return the entries after a seq; those outside the office read what was told outside."""
    query = select(Entry).where(Entry.seq > after).order_by(Entry.seq)
    return query if is_inside(who()) else query.where(Entry.type.in_(OUTSIDE))


def _entry(row: Entry) -> EntryAnswer:
    return EntryAnswer(
        seq=row.seq,
        at=row.at,
        entered_at=row.entered_at,
        type=row.type,
        actor=row.actor,
        text=row.text,
        data=row.data,
        corrects=row.corrects,
        hash=row.hash,
    )
