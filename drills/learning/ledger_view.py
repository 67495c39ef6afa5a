"""The improvement ledger for its readers: each item with names, state and days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from drills.learning import ledger
from drills.models import DrillFile, DrillRun, Improvement, Participant
from incident.models import Incident, User
from incident.rulebook import Rulebook
from incident.who import Who

RECENT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One item; `days` are left until it is due, below nought when that is over.

    A drill's item says so by its key, which bears the drill's mark.
    """

    row: Improvement
    state: str
    owner: str
    owner_name: str
    entered_by: str
    closer: str | None
    closed_on: date | None
    incident: str | None
    file: DrillFile | None
    days: int


def line(session: Session, row: Improvement, day: date, rules: Rulebook) -> Line:
    """Return an item as it is shown on a day."""
    owner = session.get_one(User, row.owner_id)
    closer = session.get(User, row.closed_by) if row.closed_by else None
    incident = session.get(Incident, row.incident_id) if row.incident_id else None
    return Line(
        row=row,
        state=ledger.state(row, day),
        owner=owner.display,
        owner_name=owner.name,
        entered_by=session.get_one(User, row.entered_by).display,
        closer=closer.display if closer else None,
        closed_on=rules.day(row.closed_at) if row.closed_at else None,
        incident=incident.number if incident else None,
        file=session.get(DrillFile, row.file_id) if row.file_id else None,
        days=(row.due_on - day).days,
    )


def lines(
    session: Session, rows: Sequence[Improvement], day: date, rules: Rulebook
) -> tuple[Line, ...]:
    """Return items as they are shown on a day."""
    return tuple(line(session, row, day, rules) for row in rows)


def ended_with(session: Session, who: Who) -> Sequence[DrillRun]:
    """Return the last drills that ended and in which somebody took part."""
    mine = select(Participant.run_id).where(Participant.user_id == who.id)
    query = select(DrillRun).where(DrillRun.ended_at.is_not(None), DrillRun.id.in_(mine))
    return session.scalars(query.order_by(DrillRun.ended_at.desc()).limit(RECENT)).all()
