"""The providers of each channel: in which order they are tried, and how they stand."""

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from incident.db import Base


class Provider(Base):
    """One provider of one channel.

    `position` is its place in the order, `paused_at` when somebody took it out. The rest is
    its standing as the engine last knew it: see notifications/health.py. `balance` is how many
    messages are still paid for, None where nobody can say.
    """

    __tablename__ = "providers"
    __table_args__ = (UniqueConstraint("channel", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(20))
    position: Mapped[int]
    paused_at: Mapped[datetime | None]
    recent: Mapped[str] = mapped_column(String(20))
    failures: Mapped[int]
    opened_at: Mapped[datetime | None]
    problem: Mapped[str | None] = mapped_column(String(20))
    error: Mapped[str | None] = mapped_column(String(120))
    ok_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    balance: Mapped[int | None]
    balance_at: Mapped[datetime | None]
