"""The incident and the series of its numbers."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from incident.db import Base


class Incident(Base):
    """One event from its first report to the archive.

    `grade` is "I" to "IV", "ungraded" (非级别), or None before the first approval. `plan` is the
    edition that it began with. `drill` is the key of a drill, None for real. `next_due_at` is the
    nearest running clock that acts, kept here so that the desk can sort by it. `moments` are the
    steps taken, by name (verified, graded, activated…) in ISO 8601, for clocks to count from.
    `shelved_at`: a drill's incident was taken off the duty desk: a real one needs the desk, or the
    drill is over.
    """

    __tablename__ = "incidents"
    __table_args__ = (
        Index("ix_incidents_desk", "drill", "state", "next_due_at"),
        Index("ix_incidents_next_due", "next_due_at", "id"),
        Index("ix_incidents_place", "division", "received_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(12))
    grade: Mapped[str | None] = mapped_column(String(10))
    version: Mapped[int] = mapped_column()
    plan: Mapped[str] = mapped_column(String(60))
    jurisdiction: Mapped[str] = mapped_column(String(6))
    division: Mapped[str] = mapped_column(String(6))
    address: Mapped[str | None] = mapped_column(String(200))
    setting: Mapped[str | None] = mapped_column(String(20))
    unit: Mapped[str | None] = mapped_column(String(120), index=True)
    product: Mapped[str | None] = mapped_column(String(120))
    batch: Mapped[str | None] = mapped_column(String(60), index=True)
    drill: Mapped[str | None] = mapped_column(String(40))
    occurred_at: Mapped[datetime | None]
    aware_at: Mapped[datetime | None]
    received_at: Mapped[datetime] = mapped_column(index=True)
    changed_at: Mapped[datetime]
    next_due_at: Mapped[datetime | None]
    moments: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"))
    shelved_at: Mapped[datetime | None]

    __mapper_args__ = {"version_id_col": version}


class NumberSeries(Base):
    """The last number taken of a series, such as "SP20261123"."""

    __tablename__ = "number_series"

    series: Mapped[str] = mapped_column(String(40), primary_key=True)
    last: Mapped[int]
