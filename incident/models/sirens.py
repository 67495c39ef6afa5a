"""Who answered for the siren of the desk, and for what."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from incident.db import Base


class SirenAnswer(Base):
    """One cause of sound at the desk, taken on by a person: it is silent from then on.

    `cause` is call:ALERT for an alert that nobody took on, siren:ALERT for one whose siren has
    come, clock:CLOCK for an overdue clock; each is taken on once.
    """

    __tablename__ = "siren_answers"

    id: Mapped[int] = mapped_column(primary_key=True)
    cause: Mapped[str] = mapped_column(String(40), unique=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    person: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime]
