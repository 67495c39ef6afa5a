"""Who drives the engine, and when it last turned."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from incident.db import Base


class EngineLease(Base):
    """The holder of the engine; `epoch` grows with each takeover."""

    __tablename__ = "engine_lease"

    id: Mapped[int] = mapped_column(primary_key=True)
    holder: Mapped[str] = mapped_column(String(80))
    epoch: Mapped[int]
    until: Mapped[datetime]
    turned_at: Mapped[datetime]
