"""What people do with their own account: change the password, end sessions."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from incident.errors import FieldError, InvalidInput, NotFound
from incident.models import User, WebSession
from incident.operations import passwords, timeline
from incident.who import Who


def change_password(
    session: Session, who: Who, old: str, new: str, *, keep: int | None, now: datetime
) -> None:
    """Set a new password; every session but `keep` ends. Raise InvalidInput."""
    user = session.get_one(User, who.person)
    if not passwords.matches(user, old):
        raise InvalidInput([FieldError("old", "password-wrong")])
    if passwords.matches(user, new):
        raise InvalidInput([FieldError("password", "password-same")])
    user.password = passwords.make(new, account=user.name)
    end_others(session, who.person, keep=keep, now=now)
    _note(session, "password_changed", user, who, now)


def end_one(session: Session, user_id: int, session_id: int, *, who: Who, now: datetime) -> None:
    """End one session of an account; raise NotFound when it is somebody else's."""
    row = session.get(WebSession, session_id)
    if row is None or row.user_id != user_id:
        raise NotFound
    if row.ended_at is None:
        row.ended_at = now
        _note(session, "sessions_ended", session.get_one(User, user_id), who, now)


def end_all(session: Session, user_id: int, *, keep: int | None, who: Who, now: datetime) -> None:
    """End the sessions of an account, all but `keep`."""
    end_others(session, user_id, keep=keep, now=now)
    _note(session, "sessions_ended", session.get_one(User, user_id), who, now)


def end_others(session: Session, user_id: int, *, keep: int | None, now: datetime) -> None:
    """End every open session of an account but one, without an entry."""
    open_ones = select(WebSession.id).where(
        WebSession.user_id == user_id, WebSession.ended_at.is_(None), WebSession.id != (keep or 0)
    )
    session.execute(update(WebSession).where(WebSession.id.in_(open_ones)).values(ended_at=now))


def _note(session: Session, type: str, user: User, who: Who, now: datetime) -> None:
    timeline.write(
        session,
        None,
        type,
        who=who,
        now=now,
        words_for={"name": user.name},
        data={"user": user.id},
    )
