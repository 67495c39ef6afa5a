"""An alert until somebody answers: whom it climbs to, when, and what each person said."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from incident.db import Base


class Alert(Base):
    """One call for people, with the policy as it stood when it began.

    `reason` is unique: one event starts one alert. `policy` is the plan's escalation, frozen.
    `siren_at` is when the desk's siren and the call sheet come, None when they never do.
    An alert is over once `ended_at` is set; `ended` says how: answered, superseded, closed.
    """

    __tablename__ = "alerts"
    __table_args__ = (Index("ix_alerts_open", "ended_at", "siren_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(String(120), unique=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    event: Mapped[str] = mapped_column(String(20))
    clock: Mapped[str | None] = mapped_column(String(200))
    grade: Mapped[str | None] = mapped_column(String(10))
    policy: Mapped[dict[str, Any]] = mapped_column(JSON)
    drill: Mapped[str | None] = mapped_column(String(40))
    priority: Mapped[int]
    started_at: Mapped[datetime]
    siren_at: Mapped[datetime | None]
    sirened_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended: Mapped[str | None] = mapped_column(String(12))


class AlertPerson(Base):
    """One person of an alert, and the ladder of steps by which he is reached.

    `ladder` is a list of {"at": ISO 8601, "channels": [..]}, frozen when the alert began; `step` is
    the next one to be taken, `next_at` its moment, None when nothing is to be tried any more.
    `waits_for` says for whom a stand-in or a leader waits: the post whose answer spares him.
    `addresses` are those of each channel, frozen. `code` is what he answers with, unique among
    what is open for his telephone. Delivered, read and answered are three states of his own.
    """

    __tablename__ = "alert_people"
    __table_args__ = (
        UniqueConstraint("alert_id", "user_id"),
        Index("ix_alert_people_due", "state", "next_at"),
        Index("ix_alert_people_code", "user_id", "code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id"), index=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    person: Mapped[str] = mapped_column(String(60))
    post: Mapped[str] = mapped_column(String(30))
    tier: Mapped[str] = mapped_column(String(10))
    why: Mapped[str] = mapped_column(String(20))
    waits_for: Mapped[str | None] = mapped_column(String(30))
    addresses: Mapped[dict[str, str]] = mapped_column(JSON)
    ladder: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    code: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(12))
    step: Mapped[int]
    next_at: Mapped[datetime | None]
    called_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(String(12))
    answered_by: Mapped[str | None] = mapped_column(String(10))
    remind_at: Mapped[datetime | None] = mapped_column(index=True)


class Reply(Base):
    """What somebody sent or pressed, as it came; read by the engine.

    `sender` is the telephone that it came from. `meaning` and `alert_person_id` are filled when it
    is read: None where nobody could make sense of it.
    """

    __tablename__ = "replies"
    __table_args__ = (UniqueConstraint("provider", "provider_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(String(20))
    provider_id: Mapped[str] = mapped_column(String(60))
    channel: Mapped[str] = mapped_column(String(10))
    sender: Mapped[str] = mapped_column(String(20), index=True)
    message_code: Mapped[str | None] = mapped_column(String(32))
    body: Mapped[str] = mapped_column(Text)
    drill: Mapped[bool]
    came_at: Mapped[datetime]
    read_at: Mapped[datetime | None] = mapped_column(index=True)
    meaning: Mapped[str | None] = mapped_column(String(20))
    alert_person_id: Mapped[int | None] = mapped_column(ForeignKey("alert_people.id"))


class ManualCall(Base):
    """A telephone call that the duty officer made by hand, counted as a delivery."""

    __tablename__ = "manual_calls"

    id: Mapped[int] = mapped_column(primary_key=True)
    alert_person_id: Mapped[int] = mapped_column(ForeignKey("alert_people.id"), index=True)
    caller_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    result: Mapped[str] = mapped_column(String(12))
    note: Mapped[str | None] = mapped_column(String(200))
    at: Mapped[datetime]
