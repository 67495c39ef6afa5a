"""Holidays and make-up workdays as the office keeps them."""

from collections.abc import Iterable
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from incident.models import Holiday
from workflows.calendar import Calendar

HOLIDAY, WORKDAY = "holiday", "workday"


def load_calendar(session: Session, zone: ZoneInfo) -> Calendar:
    """Return the calendar of the table in the database, the shipped one where it is empty."""
    rows = list(session.execute(select(Holiday.day, Holiday.kind)))
    if not rows:
        return Calendar.load(zone)
    last = max(day for day, _ in rows)
    return Calendar(
        holidays=frozenset(day for day, kind in rows if kind == HOLIDAY),
        workdays=frozenset(day for day, kind in rows if kind == WORKDAY),
        known_until=date(last.year, 12, 31),
        zone=zone,
    )


def seed(session: Session, shipped: Calendar) -> None:
    """Fill an empty table from the shipped one, so that it can be edited."""
    if session.scalar(select(Holiday.day).limit(1)) is not None:
        return
    rows = [*_rows(shipped.holidays, HOLIDAY), *_rows(shipped.workdays, WORKDAY)]
    session.execute(insert(Holiday), rows)


def _rows(days: Iterable[date], kind: str) -> list[dict[str, object]]:
    return [
        {"day": day, "kind": kind, "name": kind, "source": "shipped table"} for day in sorted(days)
    ]
