"""What the shell round every page must know."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.models import EngineLease

SILENT_AFTER = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnginePulse:
    """When the engine last turned; None when it never did."""

    alive: bool
    age_seconds: int | None


def engine(session: Session, now: datetime) -> EnginePulse:
    """Return the engine's pulse; it is dead after 30 silent seconds."""
    turned = session.scalar(select(EngineLease.turned_at))
    if turned is None:
        return EnginePulse(alive=False, age_seconds=None)
    age = now - turned
    return EnginePulse(alive=age < SILENT_AFTER, age_seconds=int(age.total_seconds()))
