"""Take numbers that never repeat."""

from datetime import date

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

PREFIXES = {"food": "SP", "drug": "YP", "device": "QX", "cosmetic": "HZ", "vaccine": "YM"}
DRILL = "YL-"
NEXT = text(
    "INSERT INTO number_series (series, last) VALUES (:series, 1)"
    " ON CONFLICT (series) DO UPDATE SET last = number_series.last + 1 RETURNING last"
)
NEXT_UNFLUSHED = text(
    "INSERT INTO number_series (series, last)"
    " SELECT :series, 1 FROM set_config('synchronous_commit', 'off', true)"
    " ON CONFLICT (series) DO UPDATE SET last = number_series.last + 1 RETURNING last"
)


def incident_series(kind: str, day: date, *, drill: bool) -> str:
    """Return the series of a kind and a day, such as SP20261123; drills have their own."""
    return f"{DRILL if drill else ''}{PREFIXES[kind]}{day:%Y%m%d}"


def take(session: Session, series: str) -> int:
    """Take the next number of a series.

    Run it in a transaction of its own, lest all reports of a day queue behind one row; a
    number may then be skipped, but never repeated.
    """
    taken: int = session.execute(NEXT, {"series": series}).scalar_one()
    return taken


def take_unflushed(connection: Connection, series: str) -> int:
    """Take the next number of PostgreSQL by a statement that is a transaction of its own.

    It need not wait for the disk: the commit that uses the number makes both last.
    """
    taken: int = connection.execute(NEXT_UNFLUSHED, {"series": series}).scalar_one()
    return taken


def incident_number(series: str, number: int) -> str:
    """Return a whole incident number, such as SP20261123-007."""
    return f"{series}-{number:03d}"
