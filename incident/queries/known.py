"""The facts of an incident as pages show them: newest value, where from, as of when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.inputs.report import COUNTS
from incident.models import Observation, User
from incident.operations import facts as observing
from workflows.facts import FACTS

ORDER = (*FACTS, *sorted(observing.TEXTS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The newest value of a fact; None is unknown, then the rest is None too."""

    name: str
    value: Any
    source: str | None = None
    basis: str | None = None
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """One observation of a fact, with who entered it and why it was corrected."""

    value: Any
    source: str
    basis: str | None
    as_of: datetime
    entered_at: datetime
    entered_by: str | None
    reason: str | None


def known(session: Session, incident_id: int, also: Iterable[str] = ()) -> tuple[Known, ...]:
    """Return the known facts in the order of the vocabulary; `also` are listed though unknown."""
    newest = {row.name: row for row in observing.series(session, incident_id)}
    wanted = {name for name, row in newest.items() if row.value is not None} | set(also)
    return tuple(_known(name, newest.get(name)) for name in sorted(wanted, key=_place))


def history(session: Session, incident_id: int, name: str) -> tuple[Observed, ...]:
    """Return the series of one fact, the newest first."""
    rows = observing.series(session, incident_id, name)
    people = _names(session, [row.entered_by for row in rows if row.entered_by])
    return tuple(_observed(row, people) for row in reversed(rows))


def counts(session: Session, incident_id: int) -> dict[str, tuple[tuple[datetime, int], ...]]:
    """Return the points of each count that has at least one, in the order of time."""
    points: dict[str, list[tuple[datetime, int]]] = {}
    for row in observing.series(session, incident_id):
        if row.name in COUNTS and isinstance(row.value, int):
            points.setdefault(row.name, []).append((row.as_of, row.value))
    return {name: tuple(points[name]) for name in COUNTS if name in points}


def _place(name: str) -> tuple[int, str]:
    return (ORDER.index(name) if name in ORDER else len(ORDER), name)


def _known(name: str, row: Observation | None) -> Known:
    if row is None or row.value is None:
        return Known(name=name, value=None)
    return Known(name=name, value=row.value, source=row.source, basis=row.basis, as_of=row.as_of)


def _names(session: Session, ids: Sequence[int]) -> dict[int, str]:
    query = select(User.id, User.display).where(User.id.in_(set(ids)))
    return dict(session.execute(query).all())


def _observed(row: Observation, people: dict[int, str]) -> Observed:
    return Observed(
        value=row.value,
        source=row.source,
        basis=row.basis,
        as_of=row.as_of,
        entered_at=row.entered_at,
        entered_by=people.get(row.entered_by) if row.entered_by else None,
        reason=row.reason,
    )
