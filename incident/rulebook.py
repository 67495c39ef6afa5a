"""What the operations need of the rules: plans, calendar, divisions, and whose desk it is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from workflows.calendar import Calendar
from workflows.divisions import Divisions
from workflows.library import Library

CanReply = Callable[[str, bool], bool]


def _everybody_replies(_to: str, _drill: bool) -> bool:  # noqa: FBT001 - a plain predicate
    return True


@dataclass(slots=True, kw_only=True)
class Rulebook:
    """The rules of one office; `jurisdiction` is its GB/T 2260 code.

    Nothing of it changes while the desk runs but the calendar, when its table was edited.
    `can_reply` tells of a number, and whether a drill is meant, if what it answers reaches us;
    `tells_group` whether a group's robot is set, to which an alert may be posted.
    """

    library: Library
    calendar: Calendar
    divisions: Divisions
    jurisdiction: str
    organisation: str
    zone: ZoneInfo
    can_reply: CanReply = _everybody_replies
    tells_group: bool = False

    def day(self, moment: datetime) -> date:
        """Return the local day of a moment."""
        return moment.astimezone(self.zone).date()
