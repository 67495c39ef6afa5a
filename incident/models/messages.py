"""Messages that must go out, and what providers said of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from incident.db import Base


class OutgoingMessage(Base):
    """One message to one person by one channel, written in the transaction of its cause.

    `reason` is unique: the same cause never writes to the same person twice. `state` is queued,
    sending, uncertain, then what the provider says; `rank` makes it move forward only. One that is
    part of an alert names its person there and the step of his ladder. `provider` is who took it.
    `folded_into_id` is the message that tells this one together with others.
    """

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_due", "state", "priority", "due_at"),
        Index("ix_messages_address_created_at", "address", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    reason: Mapped[str] = mapped_column(String(120), unique=True)
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    alert_person_id: Mapped[int | None] = mapped_column(ForeignKey("alert_people.id"), index=True)
    step: Mapped[int | None]
    folded_into_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"), index=True)
    provider: Mapped[str | None] = mapped_column(String(20))
    person: Mapped[str] = mapped_column(String(60))
    to: Mapped[str] = mapped_column("address", String(120))
    channel: Mapped[str] = mapped_column(String(10))
    body: Mapped[str] = mapped_column(Text)
    segments: Mapped[int]
    drill: Mapped[str | None] = mapped_column(String(40))
    priority: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))
    rank: Mapped[int]
    attempts: Mapped[int]
    due_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    provider_id: Mapped[str | None] = mapped_column(String(60), index=True)
    problem: Mapped[str | None] = mapped_column(String(200))
    resent: Mapped[bool]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class Receipt(Base):
    """A provider's callback as it came; merged into its message by the engine."""

    __tablename__ = "receipts"
    __table_args__ = (UniqueConstraint("provider_id", "status"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), index=True)
    provider_id: Mapped[str] = mapped_column(String(60))
    status: Mapped[str] = mapped_column(String(20))
    error_code: Mapped[str | None] = mapped_column(String(10))
    raw: Mapped[dict[str, Any]] = mapped_column(JSON)
    came_at: Mapped[datetime]
    merged_at: Mapped[datetime | None] = mapped_column(index=True)
