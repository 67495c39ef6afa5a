"""What people say of a drill: evaluators' marks, the hot wash, the survey."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from incident.db import Base


class Mark(Base):
    """What one evaluator says of one criterion: met, partly or not_met; the last word counts.

    `criterion` is the position of the indicator among those of its objective, from 0.
    """

    __tablename__ = "drill_marks"
    __table_args__ = (UniqueConstraint("run_id", "objective", "criterion", "evaluator_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("drill_runs.id"), index=True)
    objective: Mapped[str] = mapped_column(String(60))
    criterion: Mapped[int]
    evaluator_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    mark: Mapped[str] = mapped_column(String(8))
    note: Mapped[str | None] = mapped_column(String(500))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("drill_files.id"))
    at: Mapped[datetime]


class Wash(Base):
    """What was said to one question of the hot wash (现场点评)."""

    __tablename__ = "drill_washes"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("drill_runs.id"), index=True)
    question: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]


class Survey(Base):
    """One participant's answers, by question; `user_id` is None where he gave no name."""

    __tablename__ = "drill_surveys"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("drill_runs.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    given_on: Mapped[str] = mapped_column(String(10))
