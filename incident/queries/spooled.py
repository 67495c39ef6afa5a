"""The reports that were taken while the database was away, for the desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from incident.models import SpooledReport

NEWEST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One report of the spool; `needs_person` says that nobody has dealt with it yet.

    `content` is there while it is needed. `problem` are codes, those of a field after its name.
    """

    number: str
    person: str
    spooled_at: datetime
    entered_at: datetime
    incident: str | None
    problem: tuple[str, ...]
    content: dict[str, Any] | None
    settled_at: datetime | None
    settled_how: str | None

    @property
    def needs_person(self) -> bool:
        """Tell whether somebody must still look at it."""
        return self.incident is None and self.settled_at is None


def needing(session: Session) -> int:
    """Return how many of them need a person."""
    query = select(func.count()).where(
        SpooledReport.incident.is_(None), SpooledReport.settled_at.is_(None)
    )
    return session.scalar(query) or 0


def newest(session: Session) -> Sequence[Row]:
    """Return them, those that need a person first, then the newest."""
    rows = session.scalars(
        select(SpooledReport).order_by(SpooledReport.spooled_at.desc()).limit(NEWEST)
    )
    found = [
        Row(
            number=row.number,
            person=row.person,
            spooled_at=row.spooled_at,
            entered_at=row.entered_at,
            incident=row.incident,
            problem=tuple(row.problem),
            content=row.content,
            settled_at=row.settled_at,
            settled_how=row.settled_how,
        )
        for row in rows
    ]
    return sorted(found, key=lambda row: not row.needs_person)
