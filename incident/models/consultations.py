"""Expert consultations: question, experts, opinions, conclusion."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from incident.db import Base


class Consultation(Base):
    """A question with its frozen evidence; `evidence` carries digests, `digest` covers it all.

    Opinions are blind until all are in or `due_at` has passed.
    """

    __tablename__ = "consultations"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    question: Mapped[str] = mapped_column(Text)
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    opened_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    conclusion: Mapped[str | None] = mapped_column(Text)
    dissent: Mapped[str | None] = mapped_column(Text)
    adopted: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    signed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    signed_at: Mapped[datetime | None]
    signature: Mapped[str | None] = mapped_column(String(64))


class Invitation(Base):
    """An expert asked. `conflict` None is not yet declared, "" is none, else what it is."""

    __tablename__ = "invitations"
    __table_args__ = (UniqueConstraint("consultation_id", "expert_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultations.id"), index=True)
    expert_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    conflict: Mapped[str | None] = mapped_column(String(300))
    declared_at: Mapped[datetime | None]


class Opinion(Base):
    """What one expert thinks; locked once given. `confidence` is low, medium or high."""

    __tablename__ = "opinions"
    __table_args__ = (UniqueConstraint("consultation_id", "expert_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultations.id"), index=True)
    expert_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    grade: Mapped[str | None] = mapped_column(String(10))
    cause: Mapped[str | None] = mapped_column(Text)
    measures: Mapped[str | None] = mapped_column(Text)
    confidence: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(Text)
    given_at: Mapped[datetime]
