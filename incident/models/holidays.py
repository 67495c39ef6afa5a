"""Holidays and make-up workdays, editable."""

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from incident.db import Base


class Holiday(Base):
    """A day that differs from its weekday: `kind` is holiday or workday."""

    __tablename__ = "holidays"

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(200))
