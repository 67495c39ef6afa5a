"""What a drill leaves on paper: evaluators' and the ledger's files, and the after-action report."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from incident.db import Base


class DrillFile(Base):
    """A photo of an evaluator or a proof of the ledger: no incident shows it to its players.

    Its bytes lie in the store under `digest` (SHA-256).
    """

    __tablename__ = "drill_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    added_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    added_at: Mapped[datetime]


class AfterAction(Base):
    """The free parts of a run's after-action report; with a number once it is issued.

    `document` is the whole report as it was issued: it is printed as it was, whatever comes later.
    """

    __tablename__ = "drill_after_actions"

    run_id: Mapped[int] = mapped_column(ForeignKey("drill_runs.id"), primary_key=True)
    well: Mapped[str | None] = mapped_column(Text)
    weak: Mapped[str | None] = mapped_column(Text)
    advice: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column()
    written_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    written_at: Mapped[datetime]
    number: Mapped[str | None] = mapped_column(String(60), unique=True)
    issued_at: Mapped[datetime | None]
    issued_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    document: Mapped[dict[str, Any] | None] = mapped_column(JSON)

    __mapper_args__ = {"version_id_col": version}
