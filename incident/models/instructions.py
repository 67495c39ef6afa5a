"""What leaders ask for: given, chased, reported done, and closed by who gave it."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from incident.db import Base


class Instruction(Base):
    """One instruction (批示) under supervision (督办).

    Owner, due time, progress and evidence are those of its task. `preset` names the ready-made
    text that was chosen, None for a typed one. `reminders` counts those sent, the last one at
    `reminded_at`. It is over once `closed_at` is set (销号).
    """

    __tablename__ = "instructions"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(30), unique=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"), unique=True)
    text: Mapped[str] = mapped_column(String(200))
    preset: Mapped[str | None] = mapped_column(String(12))
    drill: Mapped[str | None] = mapped_column(String(40))
    giver_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    giver: Mapped[str] = mapped_column(String(60))
    given_at: Mapped[datetime]
    reminders: Mapped[int]
    reminded_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    closing_note: Mapped[str | None] = mapped_column(String(300))
