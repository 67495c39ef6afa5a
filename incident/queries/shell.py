"""What the shell round every page must know."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from incident.models import EngineLease
from incident.services import Services

SILENT_AFTER = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnginePulse:
    """When the engine last turned; None when it never did."""

    alive: bool
    age_seconds: int | None


def engine(desk: Services) -> EnginePulse:
    """Return the engine's pulse; it is dead after 30 silent seconds."""
    with desk.reading() as session:
        turned = session.scalar(select(EngineLease.turned_at))
    if turned is None:
        return EnginePulse(alive=False, age_seconds=None)
    age = desk.now() - turned
    return EnginePulse(alive=age < SILENT_AFTER, age_seconds=int(age.total_seconds()))
