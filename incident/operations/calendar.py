"""Holidays and make-up workdays as the office keeps them."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from incident import words
from incident.errors import NotFound
from incident.inputs.holidays import SpecialDay
from incident.models import Holiday
from incident.operations import timeline
from incident.who import Who
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


def set_day(session: Session, wanted: SpecialDay, *, who: Who, now: datetime) -> None:
    """Put a day into the table, or change it; the reckoning of clocks follows it from then on."""
    _put(session, wanted)
    timeline.write(
        session,
        None,
        "holiday_set",
        who=who,
        now=now,
        words_for={
            "day": wanted.day.isoformat(),
            "kind": words.label("day_kinds", wanted.kind),
            "name": wanted.name,
        },
        data={"day": wanted.day.isoformat(), "kind": wanted.kind},
    )


def remove_day(session: Session, day: date, *, who: Who, now: datetime) -> None:
    """Take a day out of the table; raise NotFound."""
    row = session.get(Holiday, day)
    if row is None:
        raise NotFound
    session.delete(row)
    told = day.isoformat()
    timeline.write(
        session,
        None,
        "holiday_removed",
        who=who,
        now=now,
        words_for={"day": told},
        data={"day": told},
    )


def import_days(session: Session, wanted: Sequence[SpecialDay], *, who: Who, now: datetime) -> None:
    """Put many days into the table."""
    for day in wanted:
        _put(session, day)
    timeline.write(
        session,
        None,
        "holidays_imported",
        who=who,
        now=now,
        words_for={"count": len(wanted)},
        data={"days": [day.day.isoformat() for day in wanted]},
    )


def _put(session: Session, wanted: SpecialDay) -> None:
    row = session.get(Holiday, wanted.day)
    if row is None:
        row = Holiday(day=wanted.day)
        session.add(row)
    row.kind, row.name, row.source = wanted.kind, wanted.name, wanted.source
