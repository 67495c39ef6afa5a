"""The call sheet (人工叫应单): whom to ring by hand, in which order, and for what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.models import Alert, Incident
from incident.operations import pace
from incident.operations.alert_states import CALLED
from incident.queries import reaching
from incident.queries.reaching import Called
from workflows.plan import Tier

FIRST = (Tier.MAIN, Tier.STAND_IN, Tier.LEADER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One person who was called and has not answered, and for what.

    `by_hand` says that the machine has done what it could: the siren of this alert has come.
    """

    called: Called
    number: str
    title: str
    event: str
    grade: str | None
    is_drill: bool
    by_hand: bool


def lines(session: Session, now: datetime) -> tuple[Line, ...]:
    """Return whom to ring: real before drill, grave before light, then by how long he is called.

    Where the siren has come stands before where it has not; those whom nothing reached stand
    before the others of their alert, and who is on duty before who stands in.
    """
    rows = session.execute(
        select(Alert, Incident)
        .join(Incident, Incident.id == Alert.incident_id)
        .where(Alert.ended_at.is_(None), Incident.shelved_at.is_(None), pace.goes(Incident.drill))
        .order_by(Alert.priority, Alert.started_at, Alert.id)
    ).all()
    people = reaching.people_of(session, [alert.id for alert, _ in rows])
    found = [
        (alert, _line(alert, incident, called, now))
        for alert, incident in rows
        for called in people.get(alert.id, [])
        if called.state == CALLED
    ]
    return tuple(line for alert, line in sorted(found, key=lambda pair: _order(*pair)))


def by_person(found: Sequence[Line]) -> tuple[tuple[Line, ...], ...]:
    """Return the lines of each person together, in the order of the sheet."""
    people: dict[int, list[Line]] = {}
    for line in found:
        people.setdefault(line.called.user_id, []).append(line)
    return tuple(tuple(lines) for lines in people.values())


def _line(alert: Alert, incident: Incident, called: Called, now: datetime) -> Line:
    return Line(
        called=called,
        number=incident.number,
        title=incident.title,
        event=alert.event,
        grade=incident.grade,
        is_drill=alert.drill is not None,
        by_hand=alert.siren_at is not None and alert.siren_at <= now,
    )


def _order(alert: Alert, line: Line) -> tuple[object, ...]:
    return (
        line.is_drill,
        not line.by_hand,
        alert.priority,
        alert.started_at,
        alert.id,
        not line.called.failed,
        FIRST.index(Tier(line.called.tier)),
        line.called.id,
    )
