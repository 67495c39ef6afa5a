"""Shifts: what a day is divided into by the local times at which people relieve each other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
NIGHT = time(3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One shift: the `number`-th of the day on which it begins."""

    day: date
    number: int
    starts_at: datetime
    ends_at: datetime

    def is_night(self, zone: ZoneInfo) -> bool:
        """Tell whether three o'clock in the morning is in it."""
        begins = self.starts_at.astimezone(zone).date()
        nights = (at_time(begins + days * DAY, NIGHT, zone) for days in (0, 1))
        return any(self.starts_at <= night < self.ends_at for night in nights)


def at_time(day: date, moment: time, zone: ZoneInfo) -> datetime:
    """Return a local time of a day as UTC."""
    return datetime.combine(day, moment, zone).astimezone(UTC)


def shifts(changes: Sequence[time], first: date, last: date, zone: ZoneInfo) -> Iterator[Shift]:
    """Return the shifts that begin on these days, the last included, without gap or overlap."""
    begins = [
        (day, number, at_time(day, change, zone))
        for day in _days(first, last + DAY)
        for number, change in enumerate(changes)
    ]
    for (day, number, starts), (_, _, ends) in pairwise(begins):
        if day <= last and starts < ends:  # a zone may have left out a day
            yield Shift(day=day, number=number, starts_at=starts, ends_at=ends)


def shift_at(changes: Sequence[time], moment: datetime, zone: ZoneInfo) -> Shift:
    """Return the shift in which a moment is."""
    today = moment.astimezone(zone).date()
    near = shifts(changes, today - 2 * DAY, today + DAY, zone)
    return next(shift for shift in near if shift.starts_at <= moment < shift.ends_at)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + number * DAY for number in range((last - first).days + 1))
