"""The yearly programme of drills (年度演练计划)."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from incident.db import Base


class Exercise(Base):
    """A drill that is planned for a day; `drill` is the key of the run that fulfilled it.

    `duty` is the id of the duty that it serves, None where none asks for it. `office` is whose.
    """

    __tablename__ = "exercises"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    office: Mapped[str] = mapped_column(String(120))
    duty: Mapped[str | None] = mapped_column(String(60), index=True)
    scenario: Mapped[str | None] = mapped_column(String(80))
    planned_on: Mapped[date] = mapped_column(index=True)
    drill: Mapped[str | None] = mapped_column(String(40))
    done_on: Mapped[date | None]
    entered_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    entered_at: Mapped[datetime]
    dropped_at: Mapped[datetime | None]
