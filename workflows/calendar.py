"""Working days of China: weekends, holidays and make-up workdays by an editable table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

TABLE = Path(__file__).parent / "tables" / "holidays.yaml"
SATURDAY = 5
DAY = timedelta(days=1)
LAST_SECOND = time(23, 59, 59)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Holidays that fall on weekdays or weekends, workdays on weekends, and where that ends."""

    holidays: frozenset[date]
    workdays: frozenset[date]
    known_until: date
    zone: ZoneInfo

    @classmethod
    def load(cls, zone: ZoneInfo | None = None, *, table: Path = TABLE) -> "Calendar":
        """Read the table; the zone is Asia/Shanghai unless given."""
        years = _years(table)
        return cls(
            holidays=frozenset(day for year in years.values() for day in year["holidays"]),
            workdays=frozenset(day for year in years.values() for day in year["workdays"]),
            known_until=date(max(years), 12, 31),
            zone=zone or ZoneInfo("Asia/Shanghai"),
        )

    def is_working_day(self, day: date) -> bool:
        """Tell whether offices work; beyond the table only weekends are known to be free."""
        if day in self.workdays:
            return True
        return day.weekday() < SATURDAY and day not in self.holidays

    def knows(self, day: date) -> bool:
        """Tell whether the table reaches to a day."""
        return day <= self.known_until

    def warnings(self, day: date) -> tuple[str, ...]:
        """Return what is wrong with counting working days up to a day."""
        if self.knows(day):
            return ()
        return (f"the table of holidays ends on {self.known_until}; add the year {day.year}",)

    def add_days(self, moment: datetime, number: int) -> datetime:
        """Return the last second of the n-th local day after the day of a moment, as UTC."""
        return self._end_of(moment.astimezone(self.zone).date() + number * DAY)

    def add_working_days(self, moment: datetime, number: int) -> datetime:
        """Return the last second of the n-th local working day after a moment's day, as UTC."""
        day = moment.astimezone(self.zone).date()
        while number > 0:
            day += DAY
            number -= self.is_working_day(day)
        return self._end_of(day)

    def _end_of(self, day: date) -> datetime:
        return datetime.combine(day, LAST_SECOND, self.zone).astimezone(ZoneInfo("UTC"))


@cache
def _years(table: Path) -> Mapping[int, Mapping[str, list[date]]]:
    stored = yaml.safe_load(table.read_text(encoding="utf-8"))
    years: Mapping[int, Mapping[str, list[date]]] = stored["years"]
    return years
