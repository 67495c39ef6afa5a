"""Reports that were taken while the database was away, under the number that they were given."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from incident.db import Base


class SpooledReport(Base):
    """One report of the spool, once the database knows of it.

    `number` is the temporary one (暂存编号), which stays good for looking it up. `incident` and
    `report_id` are what it became; None while a person must look at it, with `problem` saying why
    the desk could not enter it by itself. `content` is kept only as long as it is needed.
    """

    __tablename__ = "spooled_reports"

    number: Mapped[str] = mapped_column(String(16), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    person: Mapped[str] = mapped_column(String(60))
    content: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    spooled_at: Mapped[datetime]
    entered_at: Mapped[datetime]
    incident: Mapped[str | None] = mapped_column(String(24))
    report_id: Mapped[int | None] = mapped_column(ForeignKey("reports.id"))
    problem: Mapped[list[Any]] = mapped_column(JSON)
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    settled_how: Mapped[str | None] = mapped_column(String(200))
