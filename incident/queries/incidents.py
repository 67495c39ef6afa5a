"""The desk's list of incidents, and one incident with what is known of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from incident.inputs.report import COUNTS
from incident.models import Incident, IncidentClock, Observation
from incident.operations.clocks import OVER
from incident.queries import paging, scope
from incident.queries.paging import Page, Place
from incident.who import Who


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the desk's list.

    `counts` holds what is known only. `clock` is the title of the nearest running clock that
    acts, due at `next_due_at`; both are None when none runs. `drill` None is real.
    """

    id: int
    number: str
    title: str
    kind: str
    state: str
    grade: str | None
    version: int
    plan: str
    division: str
    address: str | None
    setting: str | None
    unit: str | None
    drill: str | None
    occurred_at: datetime | None
    received_at: datetime
    changed_at: datetime
    next_due_at: datetime | None
    clock: str | None
    counts: dict[str, int]


def desk_list(
    session: Session,
    who: Who,
    *,
    states: Sequence[str] = (),
    grade: str | None = None,
    kind: str | None = None,
    drill: bool | None = None,
    with_shelved: bool = True,
    q: str | None = None,
    cursor: str | None = None,
    limit: int = paging.USUAL,
) -> Page[Row]:
    """Return the incidents that a person may know of, next clock first, then the newest.

    `drill` True asks for drills only, False for real ones only, None for both; empty `states`
    for all. `with_shelved` False leaves out drills that rest. `q` looks in number, title, unit,
    product and batch. Raise InvalidInput for a cursor that was not given out here.
    """
    wanted = _wanted(states=states, grade=grade, kind=kind, drill=drill, q=q)
    if not with_shelved:
        wanted.append(Incident.shelved_at.is_(None))
    found = _page(session, who, wanted, paging.decode(cursor), limit + 1, states=states)
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    return Page(
        rows=summaries(session, shown),
        next=paging.encode(Place(last.next_due_at, last.id)) if last else None,
    )


def summaries(session: Session, incidents: Sequence[Incident]) -> list[Row]:
    """Return the lines of these incidents, in their order, by two queries."""
    counts = _counts(session, incidents)
    clocks = _next_clocks(session, incidents)
    return [summary_of(row, counts.get(row.id, {}), clocks.get(row.id)) for row in incidents]


def summary_of(incident: Incident, counts: dict[str, int], clock: str | None) -> Row:
    """Return the line of an incident from what was read beside it."""
    return Row(
        id=incident.id,
        number=incident.number,
        title=incident.title,
        kind=incident.kind,
        state=incident.state,
        grade=incident.grade,
        version=incident.version,
        plan=incident.plan,
        division=incident.division,
        address=incident.address,
        setting=incident.setting,
        unit=incident.unit,
        drill=incident.drill,
        occurred_at=incident.occurred_at,
        received_at=incident.received_at,
        changed_at=incident.changed_at,
        next_due_at=incident.next_due_at,
        clock=clock,
        counts=counts,
    )


def _wanted(
    *,
    states: Sequence[str],
    grade: str | None,
    kind: str | None,
    drill: bool | None,
    q: str | None,
) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if states:
        wanted.append(Incident.state.in_(states))
    if grade:
        wanted.append(Incident.grade == grade)
    if kind:
        wanted.append(Incident.kind == kind)
    if drill is not None:
        wanted.append(scope.OF_DRILLS if drill else Incident.drill.is_(None))
    if q and q.strip():
        wanted.append(_matches(q.strip()))
    return wanted


def _matches(text: str) -> ColumnElement[bool]:
    columns = (Incident.number, Incident.title, Incident.unit, Incident.product, Incident.batch)
    return or_(*(column.icontains(text, autoescape=True) for column in columns))


def _page(
    session: Session,
    who: Who,
    wanted: Iterable[ColumnElement[bool]],
    after: Place | None,
    limit: int,
    *,
    states: Sequence[str],
) -> list[Incident]:
    """Read those with a clock, then those without: each part can walk an index."""
    query = scope.incidents(who).where(*wanted).order_by(_newest(states))
    found: list[Incident] = []
    if after is None or after.moment is not None:
        timed = query.where(Incident.next_due_at.is_not(None), *_after_timed(after))
        in_order = timed.order_by(None).order_by(Incident.next_due_at, Incident.id.desc())
        found = list(session.scalars(in_order.limit(limit)))
    if len(found) < limit:
        rest = query.where(_without_clock(states))
        if after is not None and after.moment is None:
            rest = rest.where(Incident.id < after.id)
        found += session.scalars(rest.limit(limit - len(found)))
    return found


def _are_few(states: Sequence[str]) -> bool:
    """Tell whether only incidents under way are wanted: they are looked up by their state.

    An order or a condition by a plain column would tempt the database to walk the whole archive
    for them, so that it is hidden from the index.
    """
    return bool(states) and not set(states) & OVER


def _newest(states: Sequence[str]) -> ColumnElement[int]:
    return (Incident.id + 0 if _are_few(states) else Incident.id).desc()


def _without_clock(states: Sequence[str]) -> ColumnElement[bool]:
    due = Incident.next_due_at
    return (func.coalesce(due, None) if _are_few(states) else due).is_(None)


def _after_timed(after: Place | None) -> list[ColumnElement[bool]]:
    if after is None or after.moment is None:
        return []
    same = and_(Incident.next_due_at == after.moment, Incident.id < after.id)
    return [Incident.next_due_at >= after.moment, or_(Incident.next_due_at > after.moment, same)]


def _counts(session: Session, incidents: Sequence[Incident]) -> dict[int, dict[str, int]]:
    """Return {incident: {name: persons}}: of each count the value with the latest "as of"."""
    ids = [incident.id for incident in incidents]
    rows = session.execute(
        select(Observation.incident_id, Observation.name, Observation.value)
        .where(Observation.incident_id.in_(ids), Observation.name.in_(COUNTS))
        .order_by(Observation.as_of, Observation.id)
    )
    found: dict[int, dict[str, Any]] = {}
    for incident_id, name, value in rows:
        found.setdefault(incident_id, {})[name] = value
    return {
        incident_id: {name: value for name, value in known.items() if value is not None}
        for incident_id, known in found.items()
    }


def _next_clocks(session: Session, incidents: Sequence[Incident]) -> dict[int, str]:
    """Return {incident: title of its nearest running clock}.

    Which of them run is looked at here: asked of SQLite, it walks every clock of the archive.
    """
    due = {incident.id: incident.next_due_at for incident in incidents if incident.next_due_at}
    if not due:
        return {}
    rows = session.execute(
        select(
            IncidentClock.incident_id,
            IncidentClock.title,
            IncidentClock.due_at,
            IncidentClock.satisfied_at,
            IncidentClock.advisory,
        )
        .where(IncidentClock.incident_id.in_(due))
        .order_by(IncidentClock.id.desc())
    )
    return {
        incident_id: title
        for incident_id, title, due_at, satisfied_at, advisory in rows
        if due[incident_id] == due_at and satisfied_at is None and not advisory
    }
