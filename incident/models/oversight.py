"""What the auditor found: each promise as it stands, and incidents whose automation was stopped."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from incident.db import Base


class Promise(Base):
    """One promise of the desk as the last round found it.

    `figures` are what was counted, for the words of the page; `since` is when it began to hold,
    or ceased to.
    """

    __tablename__ = "promises"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    holds: Mapped[bool]
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    checked_at: Mapped[datetime]
    since: Mapped[datetime]


class Oversight(Base):
    """The auditor itself: one row, with its last round and its last word to the outside.

    `pinged_at` is None while the outside was never told that all is well; `ping_problem` says
    why the last attempt failed, None when it did not.
    """

    __tablename__ = "oversight"

    id: Mapped[int] = mapped_column(primary_key=True)
    checked_at: Mapped[datetime]
    pinged_at: Mapped[datetime | None]
    ping_problem: Mapped[str | None] = mapped_column(String(60))


class Halt(Base):
    """The automation of one incident, stopped because an invariant of it was broken.

    `invariant` is a key of templates/words/invariants.yaml. It goes on once somebody has looked
    and lifted the halt.
    """

    __tablename__ = "halts"
    __table_args__ = (Index("ix_halts_open", "lifted_at", "incident_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    invariant: Mapped[str] = mapped_column(String(30))
    told: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
