"""Tests of communication (通信畅通率): who was to be reached, and who answered."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from incident.db import Base


class CommTest(Base):
    """One test, its audience frozen when it began.

    `chosen` says how the audience was chosen: {"roles": […], "on_duty": bool, "people": […]}.
    `ends_at` is the end of the window in which an answer counts. `drill` tests the readiness for
    a drill: its messages go to the stand-in provider only.
    """

    __tablename__ = "communication_tests"

    id: Mapped[int] = mapped_column(primary_key=True)
    started_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    started_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    drill: Mapped[bool]
    chosen: Mapped[dict[str, Any]] = mapped_column(JSON)
    note: Mapped[str | None] = mapped_column(String(200))


class CommTestPerson(Base):
    """One person of a test: by which channels he is called, and when he answered by which.

    `why` is what brought him in: a role, a post that he holds, or his name. `code` is what he
    answers with. What came of each message stands with the message, whose reason names this row.
    """

    __tablename__ = "communication_test_people"
    __table_args__ = (UniqueConstraint("test_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    test_id: Mapped[int] = mapped_column(ForeignKey("communication_tests.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    person: Mapped[str] = mapped_column(String(60))
    why: Mapped[str] = mapped_column(String(40))
    addresses: Mapped[dict[str, str]] = mapped_column(JSON)
    code: Mapped[str] = mapped_column(String(2))
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(String(10))
