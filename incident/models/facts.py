"""Facts as a series: what was said, by whom, as of when; the past is never overwritten."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from incident.db import Base


class Observation(Base):
    """One value of one fact. `as_of` is the moment it speaks of, `entered_at` when it came in.

    `value` None withdraws the fact: it is unknown again. `reason` says why a count fell.
    """

    __tablename__ = "observations"
    __table_args__ = (Index("ix_observations_series", "incident_id", "name", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    name: Mapped[str] = mapped_column(String(40))
    value: Mapped[Any] = mapped_column(JSON)
    source: Mapped[str] = mapped_column(String(20))
    basis: Mapped[str | None] = mapped_column(String(40))
    as_of: Mapped[datetime]
    entered_at: Mapped[datetime]
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    report_id: Mapped[int | None] = mapped_column(ForeignKey("reports.id"))
    reason: Mapped[str | None] = mapped_column(String(300))
