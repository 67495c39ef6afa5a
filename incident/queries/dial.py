"""Moments as an incident's own clock counts them: a drill's time, or the wall's."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from incident.models import Incident
from incident.operations import pace
from incident.operations.drill_time import REAL, DrillTime


@dataclass(frozen=True, slots=True)
class Dial:
    """A scale on which the time of an incident passes evenly; a real one's is the wall's."""

    clock: DrillTime = REAL

    @property
    def zero(self) -> datetime | None:
        """Return where a drill's time is nought on the scale, None for a real incident."""
        if not self.clock.runs:
            return None
        first = self.clock.runs[0]
        return first.started_at - timedelta(seconds=first.from_seconds)

    def counted(self, moment: datetime) -> datetime:
        """Return the place of a moment that has been; while a drill stands still it stands too."""
        return moment if self.zero is None else self.zero + self.clock.reached(moment)

    def due(self, moment: datetime) -> datetime:
        """Return the place of a moment to come, were the drill to go on as it last went."""
        return moment if self.zero is None else self.zero + self.clock.going.reached(moment)

    def reading(self, place: datetime) -> timedelta | None:
        """Return what the drill's clock shows at a place, None for a real incident."""
        return None if self.zero is None else place - self.zero

    def wall(self, place: datetime) -> datetime | None:
        """Return when the wall clock stood at a place; None: the drill never came so far."""
        return place if self.zero is None else self.clock.wall(place - self.zero)


def of(session: Session, incident: Incident) -> Dial:
    """Return the scale of an incident."""
    return Dial(pace.of(session, incident.drill) if incident.drill is not None else REAL)
