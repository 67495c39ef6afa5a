"""The time of drills: when it ran, how fast, and from which reading."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from incident.db import Base


class Stretch(Base):
    """A time in which the clock of a drill ran at one speed.

    `speed` is drill seconds in one second, `from_seconds` the drill time at `started_at`. A drill
    stands still when none of its stretches is open; a jump or a new speed ends one and begins
    another. So no later change can alter a drill time of the past.
    """

    __tablename__ = "drill_stretches"
    __table_args__ = (Index("ix_drill_stretches_drill", "drill", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    drill: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    speed: Mapped[float]
    from_seconds: Mapped[float]
