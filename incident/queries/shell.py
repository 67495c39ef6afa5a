"""What the shell round every page must know."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.models import EngineLease, Promise

SILENT_AFTER = timedelta(seconds=30)
SHOWN_BY_ITSELF = ("engine", "time")  # promises that the pulse tells of in words of its own


class State(StrEnum):
    """How the machinery stands, the worst first."""

    AWAY = "away"  # the database does not answer
    SILENT = "silent"  # the engine does not turn
    APART = "apart"  # the desk's clock and the database's differ
    GOOD = "good"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnginePulse:
    """When the engine last turned; None when it never did.

    `broken` names the promises that did not hold at the auditor's last round.
    """

    alive: bool
    age_seconds: int | None
    database: bool = True
    broken: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        """Return what people must be told first."""
        if not self.database:
            return State.AWAY
        if not self.alive:
            return State.SILENT
        return State.APART if "time" in self.broken else State.GOOD

    @property
    def others(self) -> tuple[str, ...]:
        """Return the broken promises that `state` does not tell of."""
        return tuple(name for name in self.broken if name not in SHOWN_BY_ITSELF)


AWAY = EnginePulse(alive=False, age_seconds=None, database=False)


def engine(session: Session, now: datetime) -> EnginePulse:
    """Return the engine's pulse; it is dead after 30 silent seconds."""
    turned = session.scalar(select(EngineLease.turned_at))
    broken = tuple(session.scalars(select(Promise.name).where(Promise.holds.is_(False))))
    if turned is None:
        return EnginePulse(alive=False, age_seconds=None, broken=broken)
    age = max(now - turned, timedelta(0))
    return EnginePulse(
        alive=age < SILENT_AFTER, age_seconds=int(age.total_seconds()), broken=broken
    )
