"""Places on an incident's dial in words: wall time, and in a drill its own time beside it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from incident.queries.dial import Dial
from incident.web.looks import daytime, local, phrase


@dataclass(frozen=True, slots=True)
class Places:
    """How the places of one incident are told."""

    dial: Dial

    @property
    def is_drill(self) -> bool:
        """Tell whether a drill's time stands beside the wall's."""
        return self.dial.zero is not None

    def reading(self, moment: datetime) -> str | None:
        """Return what a drill's clock showed at a moment of the wall, None for a real incident."""
        reading = self.dial.reading(self.dial.counted(moment))
        return None if reading is None else told(reading)

    def place(self, place: datetime) -> str:
        """Return a place: the wall's time, in a drill its own."""
        reading = self.dial.reading(place)
        return daytime(place) if reading is None else told(reading)

    def exact(self, moment: datetime) -> str:
        """Return a moment of the wall to the second."""
        return f"{local(moment):%m-%d %H:%M:%S}"


def told(reading: timedelta) -> str:
    """Return drill time as T+1:05:00."""
    seconds = round(abs(reading).total_seconds())
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    sign = "+" if reading >= timedelta() else "−"
    return phrase("replay", "reading", sign=sign, time=f"{hours}:{minutes:02}:{seconds:02}")
