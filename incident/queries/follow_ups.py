"""Follow-ups as people see them: those of one incident, and all that are open."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from incident.models import FollowUp, Incident, User
from incident.operations import follow_ups
from incident.queries import scope
from incident.rulebook import Rulebook
from incident.who import Who


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One follow-up. `is_late` says that it was not done in time, or is not although it is due.

    `is_mine` says that the reader may end it now.
    """

    id: int
    incident: str
    title: str
    is_drill: bool
    what: str
    owner: str
    due_on: date
    is_late: bool
    is_mine: bool
    done_at: datetime | None
    done_by: str | None
    note: str | None


def of(
    session: Session, incident: Incident, who: Who, *, now: datetime, rules: Rulebook
) -> tuple[Line, ...]:
    """Return the follow-ups of one incident."""
    rows = [(row, incident) for row in follow_ups.of(session, incident.id)]
    return _lines(session, rows, who, now, rules)


def line(
    session: Session, incident: Incident, row: FollowUp, who: Who, *, now: datetime, rules: Rulebook
) -> Line:
    """Return one follow-up."""
    return _lines(session, [(row, incident)], who, now, rules)[0]


def open_ones(session: Session, who: Who, *, now: datetime, rules: Rulebook) -> tuple[Line, ...]:
    """Return what is not done yet of all incidents that a person may know of, first due first."""
    query = (
        select(FollowUp, Incident)
        .join(Incident, Incident.id == FollowUp.incident_id)
        .where(FollowUp.done_at.is_(None), scope.visible(who))
        .order_by(FollowUp.due_on, FollowUp.id)
    )
    rows = [(row, incident) for row, incident in session.execute(query)]
    return _lines(session, rows, who, now, rules)


def count_open(session: Session) -> int:
    """Return how many are not done, drills left out.

    Each is asked for its incident: a join would tempt the database to begin with the archive.
    """
    drill = select(Incident.drill).where(Incident.id == FollowUp.incident_id).scalar_subquery()
    query = select(func.count(FollowUp.id)).where(FollowUp.done_at.is_(None), drill.is_(None))
    return session.scalar(query) or 0


def _lines(
    session: Session,
    rows: Iterable[tuple[FollowUp, Incident]],
    who: Who,
    now: datetime,
    rules: Rulebook,
) -> tuple[Line, ...]:
    called = follow_ups.names(session, who)
    return tuple(
        Line(
            id=row.id,
            incident=incident.number,
            title=incident.title,
            is_drill=incident.drill is not None,
            what=row.what,
            owner=row.owner,
            due_on=row.due_on,
            is_late=follow_ups.is_late(row, rules.day(row.done_at or now)),
            is_mine=row.done_at is None and follow_ups.may_finish(row, who, called),
            done_at=row.done_at,
            done_by=_display(session, row.done_by),
            note=row.done_note,
        )
        for row, incident in rows
    )


def _display(session: Session, user_id: int | None) -> str | None:
    user = session.get(User, user_id) if user_id is not None else None
    return user.display if user else None
