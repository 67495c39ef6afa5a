"""The duty watch: posts, rotations, what differs from them, and whether people can be reached."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from incident.db import Base


class Post(Base):
    """A post that is manned round the clock by people who have its role.

    `changes` are the local times at which shifts begin, "HH:MM" in their order. Who relieves comes
    `handover_lead` minutes earlier. `two_tiers` asks for a stand-in (B) beside who is on duty (A).
    """

    __tablename__ = "duty_posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(30), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    role: Mapped[str] = mapped_column(String(20), index=True)
    changes: Mapped[list[str]] = mapped_column(JSON)
    handover_lead: Mapped[int]
    two_tiers: Mapped[bool]
    rank: Mapped[int]
    closed_at: Mapped[datetime | None]


class Rotation(Base):
    """Who follows whom at a post; never changed once begun, but followed by a newer one.

    `days` is every, work or free. `order` lists [user, stand-in or null]; each stays `turn_days`
    such days. It holds from `starts_on` to `ends_on`, the last day; None is without an end.
    """

    __tablename__ = "duty_rotations"

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("duty_posts.id"), index=True)
    days: Mapped[str] = mapped_column(String(5))
    turn_days: Mapped[int]
    order: Mapped[list[Any]] = mapped_column("people", JSON)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime]


class DutyOverride(Base):
    """Somebody else for a while, whatever the rotation says; the newest one holds.

    `tier` is main or stand_in; `why` is override, swap or import. One that was taken back has
    `revoked_at`.
    """

    __tablename__ = "duty_overrides"
    __table_args__ = (Index("ix_duty_overrides_span", "post_id", "ends_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("duty_posts.id"))
    tier: Mapped[str] = mapped_column(String(10))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    why: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(String(200))
    made_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Swap(Base):
    """One asks another to take his duty, perhaps in exchange; agreed, then approved by a third.

    `state` is asked, agreed, approved, declined (by the other), refused (by the leader), withdrawn.
    `back_starts_at` is the other's duty that the asker takes in return, None when there is none.
    """

    __tablename__ = "duty_swaps"
    __table_args__ = (Index("ix_duty_swaps_open", "state", "starts_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("duty_posts.id"))
    asker_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    back_starts_at: Mapped[datetime | None]
    back_ends_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(10))
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class Absence(Base):
    """When somebody cannot be on duty; why is nobody's business and is not kept."""

    __tablename__ = "duty_absences"
    __table_args__ = (Index("ix_duty_absences_span", "user_id", "ends_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class DutyReminder(Base):
    """What was found wrong with the 30 days ahead, told once a day."""

    __tablename__ = "duty_reminders"

    day: Mapped[date] = mapped_column(primary_key=True)
    gaps: Mapped[int]
    doubles: Mapped[int]
    told_at: Mapped[datetime]


class ContactCheck(Base):
    """When somebody's telephone was last seen to work, and how: call, reply or page."""

    __tablename__ = "contact_checks"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    checked_at: Mapped[datetime]
    how: Mapped[str] = mapped_column(String(10))
    checked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class DutyFeed(Base):
    """The secret address under which a person's calendar fetches his duties; a digest is kept."""

    __tablename__ = "duty_feeds"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
