"""People who use the desk, their roles, sessions, tokens and failed sign-ins."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incident.db import Base


class User(Base):
    """A person; an account without a password can still be given tokens.

    `phone` is E.164, `mail` an address. `activation` is the digest of a one-time code.
    `specialty` makes an expert findable in the directory.
    """

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    display: Mapped[str] = mapped_column(String(60))
    organisation: Mapped[str | None] = mapped_column(String(120))
    specialty: Mapped[str | None] = mapped_column(String(120))
    phone: Mapped[str | None] = mapped_column(String(20))
    mail: Mapped[str | None] = mapped_column(String(120))
    password: Mapped[str | None] = mapped_column(String(200))
    activation: Mapped[str | None] = mapped_column(String(64))
    activation_until: Mapped[datetime | None]
    language: Mapped[str] = mapped_column(String(5), default="zh")
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]

    role_rows: Mapped[list["Role"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="Role.role"
    )


class Role(Base):
    """One role of one person."""

    __tablename__ = "roles"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)


class WebSession(Base):
    """A signed-in browser; `digest` is the SHA-256 of the reference in its cookie."""

    __tablename__ = "web_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    confirmed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    network: Mapped[str | None] = mapped_column(String(45))
    browser: Mapped[str | None] = mapped_column(String(200))


class Token(Base):
    """A token for the API; only its SHA-256 is kept. Empty scopes mean all of the user's rights."""

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    scopes: Mapped[list[Any]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SignInFailure(Base):
    """Failed sign-ins of one account from one network, counted in a window."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (UniqueConstraint("account", "network"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(String(64))
    network: Mapped[str] = mapped_column(String(45))
    count: Mapped[int]
    first_at: Mapped[datetime]
    until: Mapped[datetime | None]
