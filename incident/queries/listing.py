"""The list of incidents: searched, filtered, page by page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from incident.models import Incident, Observation
from incident.operations import pace
from incident.operations.drill_time import REAL, DrillTime
from incident.queries import scope
from incident.rulebook import Rulebook
from incident.who import Who

PAGE = 40
COUNTED = 1000
"""Up to so many are counted; to count a whole archive would take longer than to read a page."""
NOT_GRADED = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for; None or "" leaves it open. `drill` is "yes" or "no"."""

    text: str = ""
    state: str = ""
    grade: str = ""
    kind: str = ""
    drill: str = ""
    before: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One incident in the list; `time` is the clock that it goes by."""

    id: int
    number: str
    title: str
    state: str
    grade: str | None
    kind: str
    place: str | None
    unit: str | None
    ill: int | None
    received_at: datetime
    next_due_at: datetime | None
    is_drill: bool
    time: DrillTime


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of the list; `older` is where the next one begins, None at the end.

    `total` is how many fit, at most COUNTED + 1, which stands for all beyond.
    """

    rows: tuple[Row, ...]
    older: int | None
    total: int

    @property
    def is_uncounted(self) -> bool:
        """Return whether more fit than are counted."""
        return self.total > COUNTED


def find(session: Session, who: Who, search: Search, rules: Rulebook) -> Found:
    """Return the newest incidents that fit."""
    query = _narrowed(scope.incidents(who), search)
    counted = query.with_only_columns(Incident.id).order_by(None).limit(COUNTED + 1)
    total = session.scalar(select(func.count()).select_from(counted.subquery())) or 0
    if search.before is not None:
        query = query.where(Incident.id < search.before)
    rows = list(session.scalars(query.order_by(Incident.id.desc()).limit(PAGE + 1)))
    shown = rows[:PAGE]
    ill = _ill(session, [row.id for row in shown])
    times = pace.of_all(session, {row.drill for row in shown if row.drill})
    return Found(
        rows=tuple(_row(row, ill.get(row.id), rules, times) for row in shown),
        older=shown[-1].id if len(rows) > PAGE else None,
        total=total,
    )


def _narrowed(query: Select[Incident], search: Search) -> Select[Incident]:
    if search.text:
        columns = (Incident.number, Incident.title, Incident.unit, Incident.address)
        query = query.where(
            or_(*(column.icontains(search.text, autoescape=True) for column in columns))
        )
    if search.state:
        query = query.where(Incident.state == search.state)
    if search.grade == NOT_GRADED:
        query = query.where(Incident.grade.is_(None))
    elif search.grade:
        query = query.where(Incident.grade == search.grade)
    if search.kind:
        query = query.where(Incident.kind == search.kind)
    if search.drill:
        real = search.drill == "no"
        query = query.where(Incident.drill.is_(None) if real else Incident.drill.is_not(None))
    return query


def _ill(session: Session, ids: Sequence[int]) -> dict[int, int]:
    """Return the newest number of ill by incident; one not known is not in it."""
    query = select(Observation.incident_id, Observation.value).where(
        Observation.incident_id.in_(ids), Observation.name == "ill"
    )
    newest = session.execute(query.order_by(Observation.as_of, Observation.id))
    return {incident: value for incident, value in newest if value is not None}


def _row(row: Incident, ill: int | None, rules: Rulebook, times: Mapping[str, DrillTime]) -> Row:
    return Row(
        id=row.id,
        number=row.number,
        title=row.title,
        state=row.state,
        grade=row.grade,
        kind=row.kind,
        place=rules.divisions.name(row.division),
        unit=row.unit,
        ill=ill,
        received_at=row.received_at,
        next_due_at=row.next_due_at,
        is_drill=row.drill is not None,
        time=times.get(row.drill or "", REAL),
    )
