"""Scenarios that directors write at the desk, beside those that are shipped."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from incident.db import Base


class WrittenScenario(Base):
    """A scenario as text, with the problems left to the check; played only once `ready_at` is set.

    `incident` is the number of the incident that it was made of, None where a person began it.
    """

    __tablename__ = "scenarios"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    text: Mapped[str] = mapped_column(Text)
    incident: Mapped[str | None] = mapped_column(String(24))
    version: Mapped[int] = mapped_column()
    written_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    written_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    ready_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    withdrawn_at: Mapped[datetime | None]

    __mapper_args__ = {"version_id_col": version}
