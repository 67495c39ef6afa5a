"""The improvement ledger (改进台账): weaknesses, until there is evidence that they are mended."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from incident.db import Base


class Improvement(Base):
    """One weakness and what is done about it; over once `closed_at` is set.

    It was seen in a drill, `drill` and `scenario`, or in an incident. `edition` is the plan
    edition that answers it. `source` is what showed it, such as expectation:graded; each shows it
    once. `evidence` is what shows that it is mended, in words, with a file where there is one.
    """

    __tablename__ = "improvements"
    __table_args__ = (UniqueConstraint("drill", "source"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(30), unique=True)
    drill: Mapped[str | None] = mapped_column(String(40), index=True)
    scenario: Mapped[str | None] = mapped_column(String(80), index=True)
    source: Mapped[str | None] = mapped_column(String(80))
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"))
    weakness: Mapped[str] = mapped_column(String(300))
    remedy: Mapped[str] = mapped_column(String(300))
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    due_on: Mapped[date]
    entered_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    entered_at: Mapped[datetime]
    edition: Mapped[str | None] = mapped_column(String(60))
    evidence: Mapped[str | None] = mapped_column(Text)
    evidenced_at: Mapped[datetime | None]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("drill_files.id"))
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
