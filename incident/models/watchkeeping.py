"""The watch on paper: what one officer hands to the next, and what the duty log says."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from incident.db import Base


class Handover(Base):
    """One handover (交接班) of a post at `due_at`, the hour at which somebody else is on duty.

    `state` is open, signed (by who leaves), then accepted, partly or refused (by who comes), or
    withdrawn; after the last two a further `round` may begin. `packet` is frozen when it is opened
    and its digest is what both sign. `rostered_from` and `rostered_to` are whom the roster names,
    None for nobody. `paged_at` is when the duty leader was told of what was not accepted.
    """

    __tablename__ = "handovers"
    __table_args__ = (UniqueConstraint("post", "due_at", "round"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    post: Mapped[str] = mapped_column(String(30))
    post_name: Mapped[str] = mapped_column(String(40))
    due_at: Mapped[datetime] = mapped_column(index=True)
    round: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), index=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    from_name: Mapped[str] = mapped_column(String(60))
    to_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    to_name: Mapped[str | None] = mapped_column(String(60))
    rostered_from: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    rostered_to: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    packet: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    checklist: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    note: Mapped[str | None] = mapped_column(Text)
    opened_at: Mapped[datetime]
    signed_at: Mapped[datetime | None]
    signature: Mapped[str | None] = mapped_column(String(64))
    closed_at: Mapped[datetime | None]
    countersignature: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(String(300))
    paged_at: Mapped[datetime | None]


class HandoverItem(Base):
    """One matter of a signed handover; the packet says what there is to know of its `key`.

    `state` is offered, accepted, or refused: a refused one stays with who leaves, for `reason`.
    """

    __tablename__ = "handover_items"
    __table_args__ = (UniqueConstraint("handover_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    handover_id: Mapped[int] = mapped_column(ForeignKey("handovers.id"))
    place: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    key: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(10), index=True)
    reason: Mapped[str | None] = mapped_column(String(300))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]


class ReliefCheck(Base):
    """That the engine looked whether somebody was relieved: told the leader, or had no need to."""

    __tablename__ = "relief_checks"

    post: Mapped[str] = mapped_column(String(30), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(primary_key=True)
    told: Mapped[bool]
    checked_at: Mapped[datetime]


class LogEntry(Base):
    """One typed entry of the duty log (值班日志); never changed, but followed by another.

    `relation` says what one that `follows_id` another is: a correction that takes its place, the
    closing of a promised call back, or the report that was made of it, filed under `report_key`.
    `category` is urgent, warning, document or inquiry. What was not told is None.
    """

    __tablename__ = "duty_log"
    __table_args__ = (Index("ix_duty_log_open", "callback_due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    channel: Mapped[str] = mapped_column(String(12))
    category: Mapped[str] = mapped_column(String(10))
    caller: Mapped[str | None] = mapped_column(String(60))
    organisation: Mapped[str | None] = mapped_column(String(120))
    phone: Mapped[str | None] = mapped_column(String(20))
    summary: Mapped[str] = mapped_column(Text)
    done: Mapped[str | None] = mapped_column(Text)
    reported_to: Mapped[str | None] = mapped_column(String(60))
    reported_at: Mapped[datetime | None]
    instruction: Mapped[str | None] = mapped_column(Text)
    feedback: Mapped[str | None] = mapped_column(Text)
    callback_due_at: Mapped[datetime | None]
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("duty_log.id"), index=True)
    relation: Mapped[str | None] = mapped_column(String(10))
    report_key: Mapped[str | None] = mapped_column(String(64))
    entered_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    entered_name: Mapped[str] = mapped_column(String(60))
    entered_at: Mapped[datetime]


class LogDay(Base):
    """What the head of a day's log says of weather and great events; the newest one holds."""

    __tablename__ = "duty_log_days"

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(index=True)
    weather: Mapped[str | None] = mapped_column(String(60))
    events: Mapped[str | None] = mapped_column(String(200))
    entered_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    entered_name: Mapped[str] = mapped_column(String(60))
    entered_at: Mapped[datetime]
