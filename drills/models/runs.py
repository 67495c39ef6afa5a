"""Drills that were prepared or played: the run, its injects, and who takes part."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from incident.db import Base


class DrillRun(Base):
    """One playing of a scenario; its time is kept in the stretches of its key.

    `content` is the scenario as it was when the run was prepared: later changes of the file do
    not reach it. `segments` are those that are played. `speed` is the one that the next start or
    resumption begins with. `incident` is the number of the first incident that it opened.
    `frozen_at`: a real incident pre-empted it. `origin_seconds` is the drill time that it begins
    with, the start of its first segment. `colleagues`: scripted colleagues play the empty parts.
    """

    __tablename__ = "drill_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    scenario: Mapped[str] = mapped_column(String(80), index=True)
    title: Mapped[str] = mapped_column(String(200))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    segments: Mapped[list[str]] = mapped_column(JSON)
    speed: Mapped[float]
    origin_seconds: Mapped[float]
    colleagues: Mapped[bool]
    incident: Mapped[str | None] = mapped_column(String(24))
    director_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    prepared_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    frozen_at: Mapped[datetime | None]
    frozen_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ended_at: Mapped[datetime | None] = mapped_column(index=True)


class DrillInject(Base):
    """One inject of a run, one row for each turn of one that repeats.

    `content` is the inject as it stands in the scenario, or as the director wrote it. `state` is
    waiting (for a condition, a branch or a hand), planned (it has `due_seconds`), fired, skipped
    or failed. All seconds are drill time. `is_held`: the director holds it back. `is_late`: it was
    fired long after it was due. `incident` is the number that it opened or was told to. An answer
    or an expiry belongs to one that was fired, and takes its branch.
    """

    __tablename__ = "drill_injects"
    __table_args__ = (
        UniqueConstraint("run_id", "inject", "turn"),
        Index("ix_drill_injects_due", "run_id", "state", "due_seconds"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("drill_runs.id"))
    inject: Mapped[str] = mapped_column(String(60))
    turn: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    is_inserted: Mapped[bool]
    state: Mapped[str] = mapped_column(String(10))
    is_held: Mapped[bool]
    due_seconds: Mapped[float | None]
    fired_at: Mapped[datetime | None]
    fired_seconds: Mapped[float | None]
    fired_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    is_late: Mapped[bool]
    problem: Mapped[str | None] = mapped_column(String(60))
    incident: Mapped[str | None] = mapped_column(String(24))
    expires_seconds: Mapped[float | None]
    expired_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answer: Mapped[str | None] = mapped_column(Text)


class Participant(Base):
    """Somebody who takes part in a run: the scenario's part that he has, and his team.

    `plays` is player, simulator, controller, evaluator or observer; `part` is None for observers.
    `surveyed_at` says that he filled in the survey, also where his answers bear no name.
    """

    __tablename__ = "drill_participants"
    __table_args__ = (UniqueConstraint("run_id", "user_id", "part"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("drill_runs.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    part: Mapped[str | None] = mapped_column(String(60))
    plays: Mapped[str] = mapped_column(String(12))
    team: Mapped[str | None] = mapped_column(String(60))
    surveyed_at: Mapped[datetime | None]
