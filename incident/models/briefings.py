"""Official briefings and the work of printing them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from incident.db import Base


class Briefing(Base):
    """A briefing: draft, then issued with a number that never repeats and frozen content.

    `facts_version` is the seq of the last entry that its facts rest on; `head` the chain's hash
    there; `digest` the SHA-256 of the stored PDF. A draft that was withdrawn is kept out of sight;
    its `sequence` is made negative, so that another may take its place.
    """

    __tablename__ = "briefings"
    __table_args__ = (UniqueConstraint("incident_id", "kind", "sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    kind: Mapped[str] = mapped_column(String(16))
    sequence: Mapped[int]
    number: Mapped[str | None] = mapped_column(String(40), unique=True)
    status: Mapped[str] = mapped_column(String(8))
    title: Mapped[str] = mapped_column(String(200))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    facts_version: Mapped[int]
    head: Mapped[str] = mapped_column(String(64))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    issued_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    issued_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    digest: Mapped[str | None] = mapped_column(String(64))


class Rendering(Base):
    """A briefing to be printed; claimed under a lease like a message."""

    __tablename__ = "renderings"
    __table_args__ = (Index("ix_renderings_due", "done_at", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    briefing_id: Mapped[int] = mapped_column(ForeignKey("briefings.id"), index=True)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    requested_at: Mapped[datetime]
    due_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int]
    done_at: Mapped[datetime | None]
    digest: Mapped[str | None] = mapped_column(String(64))
    error: Mapped[str | None] = mapped_column(String(300))
