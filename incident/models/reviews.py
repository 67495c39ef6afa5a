"""The review of an incident and the follow-ups that it leaves."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from incident.db import Base


class Review(Base):
    """What went well and what did not; one for an incident, rewritten until the archive."""

    __tablename__ = "reviews"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), primary_key=True)
    course: Mapped[str] = mapped_column(Text)
    well: Mapped[str] = mapped_column(Text)
    not_well: Mapped[str] = mapped_column(Text)
    personal_data: Mapped[str | None] = mapped_column(String(12))
    personal_data_reason: Mapped[str | None] = mapped_column(Text)
    written_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    written_at: Mapped[datetime]


class FollowUp(Base):
    """Something to mend after an incident, with owner and date, until somebody says how it was.

    `owner` is an account's name, a person's or an office's, as it was written.
    """

    __tablename__ = "follow_ups"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    what: Mapped[str] = mapped_column(String(300))
    owner: Mapped[str] = mapped_column(String(60))
    due_on: Mapped[date]
    done_at: Mapped[datetime | None]
    done_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    done_note: Mapped[str | None] = mapped_column(String(300))
