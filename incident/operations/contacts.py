"""When somebody's telephone was last seen to work."""

from datetime import datetime

from sqlalchemy.orm import Session

from incident.models import ContactCheck
from incident.who import Who

CALL, REPLY, PAGE = "call", "reply", "page"


def checked(session: Session, user_id: int, how: str, *, who: Who, now: datetime) -> None:
    """Note that somebody answered: by a call, by a reply, or on the page."""
    row = session.get(ContactCheck, user_id)
    if row is None:
        row = ContactCheck(user_id=user_id)
        session.add(row)
    row.checked_at, row.how, row.checked_by = now, how, who.id
