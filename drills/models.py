"""Drills that were started: where each stands, with its pauses kept as lengths."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from incident.db import Base


class DrillRun(Base):
    """One playing of a scenario.

    `speed` is drill minutes in one minute. `played` counts the injects that were played.
    `paused_seconds` is the length of all pauses that are over. `key` marks the drill's rows.
    """

    __tablename__ = "drill_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    scenario: Mapped[str] = mapped_column(String(80))
    speed: Mapped[float]
    incident: Mapped[str | None] = mapped_column(String(24))
    played: Mapped[int]
    started_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    paused_seconds: Mapped[float]
    ended_at: Mapped[datetime | None]
