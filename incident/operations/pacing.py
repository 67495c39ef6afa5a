"""What waits for a time in a drill: due by its clock, and moved when that is run anew.

A due time is kept as the wall moment at which the drill's clock will show it. While the clock
stands still that is reckoned as if it had run on, and nothing is due; once it runs again, faster
or from another reading, `move` puts right whatever has not come yet.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, select, update
from sqlalchemy.orm import Session

from incident.db import Base, table
from incident.models import Alert, AlertPerson, Consultation, Incident, IncidentClock, Task
from incident.operations.drill_time import DrillTime
from workflows.clocks import DueClock

Moved = Callable[[datetime], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The columns of a model that hold due times; `is_open` None where they are empty once over.

    `lists` are columns of JSON with more of them: moments, or steps with their moment under "at".
    """

    model: type[Base]
    columns: tuple[str, ...]
    lists: tuple[str, ...] = ()
    is_open: ColumnElement[bool] | None = None


WAITING: Sequence[Waiting] = (
    Waiting(model=Incident, columns=("next_due_at",)),
    Waiting(
        model=IncidentClock,
        columns=("due_at", "next_alarm_at"),
        lists=("alarms",),
        is_open=IncidentClock.satisfied_at.is_(None),
    ),
    Waiting(model=Task, columns=("due_at",), is_open=Task.status.in_(("open", "started"))),
    Waiting(model=Consultation, columns=("due_at",), is_open=Consultation.signed_at.is_(None)),
    Waiting(
        model=Alert,
        columns=("siren_at",),
        is_open=and_(Alert.ended_at.is_(None), Alert.sirened_at.is_(None)),
    ),
    Waiting(
        model=AlertPerson,
        columns=("next_at",),
        lists=("ladder",),
        is_open=AlertPerson.state.in_(("waiting", "called")),
    ),
    Waiting(model=AlertPerson, columns=("remind_at",), is_open=AlertPerson.remind_at.is_not(None)),
)
"""Every due time of an incident that is the drill's; tests/house knows which are not, and why."""


def paced(clock: DueClock, time: DrillTime) -> DueClock:
    """Return a clock of the plan as a drill's clock reckons it; a real one is left as it is."""
    if clock.due_at is None or not time.runs:
        return clock
    start = clock.starts_at
    return replace(
        clock,
        due_at=time.project(start, clock.due_at),
        alarms=tuple(time.project(start, alarm) for alarm in clock.alarms),
    )


def move(session: Session, drill: str, before: DrillTime, after: DrillTime, now: datetime) -> None:
    """Move all open due times of a drill's incidents from one clock to the other.

    What was due when the old clock came to stand stays: it has come. Nobody's version changes,
    for nobody did anything.
    """
    shown, old, new = before.moment(now), before.going, after.going

    def moved(moment: datetime) -> datetime:
        return moment if moment <= shown else new.expect(old.reached(moment))

    for waiting in WAITING:
        _move(session, drill, waiting, moved)


def _move(session: Session, drill: str, waiting: Waiting, moved: Moved) -> None:
    target = table(waiting.model)
    names = (*waiting.columns, *waiting.lists)
    wanted = [getattr(waiting.model, name) for name in names]
    query = select(target.c.id, *wanted).where(_of(waiting.model, drill))
    if waiting.is_open is not None:
        query = query.where(waiting.is_open)
    found = {row.id: dict(zip(names, row[1:], strict=True)) for row in session.execute(query)}
    changed = [
        {"_id": id, **values}
        for id, held in found.items()
        if (values := _values(held, waiting, moved)) != held
    ]
    if changed:
        statement = update(target).where(target.c.id == bindparam("_id"))
        session.connection().execute(statement, changed)
        _forget(session, waiting, names)


def _values(row: Mapping[str, Any], waiting: Waiting, moved: Moved) -> dict[str, Any]:
    times = {name: row[name] and moved(row[name]) for name in waiting.columns}
    lists = {name: [_moved_part(part, moved) for part in row[name]] for name in waiting.lists}
    return times | lists


def _moved_part(part: Any, moved: Moved) -> Any:
    if isinstance(part, str):
        return moved(datetime.fromisoformat(part)).isoformat()
    return part | {"at": moved(datetime.fromisoformat(part["at"])).isoformat()}


def _of(model: type[Base], drill: str) -> ColumnElement[bool]:
    if model is Incident:
        return Incident.drill == drill
    own = select(Incident.id).where(Incident.drill == drill)
    return table(model).c.incident_id.in_(own)


def _forget(session: Session, waiting: Waiting, names: Sequence[str]) -> None:
    """Let objects that this session holds be read anew."""
    for one in session.identity_map.values():
        if isinstance(one, waiting.model):
            session.expire(one, names)
