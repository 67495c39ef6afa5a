"""Take numbers that never repeat."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.models import NumberSeries

PREFIXES = {"food": "SP", "drug": "YP", "device": "QX", "cosmetic": "HZ", "vaccine": "YM"}
DRILL = "YL-"


def incident_series(kind: str, day: date, *, drill: bool) -> str:
    """Return the series of a kind and a day, such as SP20261123; drills have their own."""
    return f"{DRILL if drill else ''}{PREFIXES[kind]}{day:%Y%m%d}"


def take(session: Session, series: str) -> int:
    """Take the next number of a series.

    Run it in a transaction of its own, lest all reports of a day queue behind one row; a
    number may then be skipped, but never repeated.
    """
    row = session.scalar(
        select(NumberSeries).where(NumberSeries.series == series).with_for_update()
    )
    if row is None:
        row = NumberSeries(series=series, last=0)
        session.add(row)
    row.last += 1
    session.flush()
    return row.last


def incident_number(series: str, number: int) -> str:
    """Return a whole incident number, such as SP20261123-007."""
    return f"{series}-{number:03d}"
