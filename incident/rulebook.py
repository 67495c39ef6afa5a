"""What the operations need of the rules: plans, calendar, divisions, and whose desk it is."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from workflows.calendar import Calendar
from workflows.divisions import Divisions
from workflows.library import Library


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """The rules of one office; `jurisdiction` is its GB/T 2260 code."""

    library: Library
    calendar: Calendar
    divisions: Divisions
    jurisdiction: str
    organisation: str
    zone: ZoneInfo

    def day(self, moment: datetime) -> date:
        """Return the local day of a moment."""
        return moment.astimezone(self.zone).date()
