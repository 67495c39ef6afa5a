"""When the owner of an instruction is reminded: before it is due, then, and again and again after.

The periods are the product's own; no rule names them.
"""

from datetime import datetime, timedelta

SHORTLY = timedelta(minutes=30)
AFTER_DUE = timedelta(hours=1)
WITHOUT_DUE = timedelta(hours=24)


def is_due(
    given_at: datetime, due_at: datetime | None, reminded_at: datetime | None, now: datetime
) -> bool:
    """Tell whether a moment for a reminder has come since the last one; `due_at` None is open."""
    latest = latest_moment(given_at, due_at, now)
    return latest is not None and latest > (reminded_at or given_at)


def latest_moment(given_at: datetime, due_at: datetime | None, now: datetime) -> datetime | None:
    """Return the newest moment for a reminder that is not after `now`, None before the first.

    With a due time: at half of it, half an hour before it, at it, then every hour. Without one:
    once a day.
    """
    if due_at is None or due_at <= given_at:
        return _repeated(due_at or given_at, AFTER_DUE if due_at else WITHOUT_DUE, now)
    if now >= due_at:
        return _repeated(due_at, AFTER_DUE, now) or due_at
    early = (given_at + (due_at - given_at) / 2, due_at - SHORTLY)
    return max((moment for moment in early if given_at < moment <= now), default=None)


def _repeated(start: datetime, every: timedelta, now: datetime) -> datetime | None:
    times = (now - start) // every
    return start + times * every if times >= 1 else None
