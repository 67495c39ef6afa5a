"""The timeline: one chain of entries for the whole desk, each bound to the one before."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from incident.db import Base


class Entry(Base):
    """What happened. `at` is when it happened, `entered_at` when it was written down.

    `incident_id` is None for entries of the desk itself (sign-ins, roles, tokens).
    `corrects` is the seq of the entry that this one strikes.
    """

    __tablename__ = "entries"
    __table_args__ = (
        Index("ix_entries_incident", "incident_id", "seq"),
        Index(
            "ix_entries_self_tested",
            "seq",
            sqlite_where=text("type = 'self_tested'"),
            postgresql_where=text("type = 'self_tested'"),
        ),
    )

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"))
    incident: Mapped[str | None] = mapped_column(String(24))
    drill: Mapped[str | None] = mapped_column(String(40))
    type: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    entered_at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    actor: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    corrects: Mapped[int | None]
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class ChainHead(Base):
    """The last entry; whoever adds one holds this row until the commit, so seq has no gaps."""

    __tablename__ = "chain_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
