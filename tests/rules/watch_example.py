"""A watch for tests: people 1, 2, 3 who follow each other from 1 November 2026."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from workflows.calendar import Calendar
from workflows.rotation import Days, Rotation, Turn, Watch

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST = date(2026, 11, 1)
EVERYBODY = frozenset(range(1, 10))
MORNING = (time(8, 30),)
DAY_AND_NIGHT = (time(8, 30), time(17, 30))


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    """Return a local moment."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def calendar(*, known_until: date = date(2026, 12, 31), zone: ZoneInfo = SHANGHAI) -> Calendar:
    """Return a calendar with a holiday on Thursday 3 and work on Saturday 5 December 2026."""
    return Calendar(
        holidays=frozenset({date(2026, 12, 3)}),
        workdays=frozenset({date(2026, 12, 5)}),
        known_until=known_until,
        zone=zone,
    )


def rotation(*people: int | tuple[int, int], **changes: Any) -> Rotation:
    """Return a rotation of people, each alone or with his stand-in."""
    order = tuple(
        Turn(main=one) if isinstance(one, int) else Turn(main=one[0], stand_in=one[1])
        for one in people
    )
    values = {"id": 1, "days": Days.EVERY, "turn_days": 1, "starts_on": FIRST, **changes}
    return Rotation(order=order, **values)


def watch(*rotations: Rotation, **changes: Any) -> Watch:
    """Return a watch that is relieved at 08:30."""
    values = {"post": "desk", "changes": MORNING, "fit": EVERYBODY, **changes}
    return Watch(rotations=rotations, **values)
