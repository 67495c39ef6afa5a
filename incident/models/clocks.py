"""Statutory clocks of an incident."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from incident.db import Base


class IncidentClock(Base):
    """One clock: from when, until when, for whom, on what ground, and what stopped it.

    `due_at` None means that the law says "at once" without a number. `advisory` clocks are
    shown but never act. `satisfied_at` after `due_at` is lateness, and stays.
    """

    __tablename__ = "clocks"
    __table_args__ = (Index("ix_clocks_running", "satisfied_at", "next_alarm_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    rule: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(200))
    actor: Mapped[str] = mapped_column(String(120))
    receiver: Mapped[str] = mapped_column(String(200))
    basis: Mapped[str] = mapped_column(String(300))
    confidence: Mapped[str] = mapped_column(String(4))
    grade: Mapped[str | None] = mapped_column(String(10))
    starts_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    alarms: Mapped[list[Any]] = mapped_column(JSON)
    next_alarm_at: Mapped[datetime | None]
    satisfied_by: Mapped[list[Any]] = mapped_column(JSON)
    advisory: Mapped[bool]
    repeat_seconds: Mapped[int | None]
    satisfied_at: Mapped[datetime | None]
    satisfied_how: Mapped[str | None] = mapped_column(String(60))
    note: Mapped[str | None] = mapped_column(String(300))
