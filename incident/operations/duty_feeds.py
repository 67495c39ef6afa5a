"""The secret address under which a calendar fetches somebody's duties."""

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.models import DutyFeed, User
from incident.operations.people import digest


def make(session: Session, user_id: int, *, now: datetime) -> str:
    """Return a fresh token for the address; the old address, if any, is void."""
    token = secrets.token_urlsafe(24)
    row = session.get(DutyFeed, user_id)
    if row is None:
        row = DutyFeed(user_id=user_id)
        session.add(row)
    row.digest, row.made_at = digest(token), now
    return token


def revoke(session: Session, user_id: int) -> None:
    """Make the address void; that there is none is a quiet success."""
    row = session.get(DutyFeed, user_id)
    if row is not None:
        session.delete(row)


def owner(session: Session, token: str) -> User | None:
    """Return whose address this is; None where it is void, or the account closed."""
    return session.scalar(
        select(User)
        .join(DutyFeed, DutyFeed.user_id == User.id)
        .where(DutyFeed.digest == digest(token), User.disabled_at.is_(None))
    )
