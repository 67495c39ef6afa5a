"""Drafts of reports: kept on the server under the key that the report will be filed with."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from incident.errors import NotFound
from incident.models import Draft, Submission
from incident.who import Who

LASTS = timedelta(days=7)
LONGEST_TEXT = 4000
FIELDS, INCIDENT, DISCARDED = "fields", "incident", "discarded_at"
Fields = dict[str, str]


def submission_key(key: str, who: Who) -> str:
    """Return the key of a page's submission; nobody can take another's."""
    return f"page:{who.person}:{key}"


def filed(session: Session, key: str, who: Who) -> Submission | None:
    """Return what was answered when this draft was filed, None when it was not."""
    return session.get(Submission, submission_key(key, who))


def find(session: Session, key: str, who: Who) -> Draft | None:
    """Return a draft of this person, None when there is none; raise NotFound for another's."""
    draft = session.scalar(select(Draft).where(Draft.key == key))
    if draft is not None and draft.user_id != who.person:
        raise NotFound
    return draft


def fields_of(draft: Draft | None) -> Fields:
    """Return what is written in a draft so far, field by field."""
    return dict(draft.content[FIELDS]) if draft else {}


def save(
    session: Session,
    key: str,
    fields: Mapping[str, str],
    *,
    who: Who,
    now: datetime,
    incident: str | None = None,
) -> Draft | None:
    """Put fields into a draft, which the first save makes; the others stay as they are.

    `incident` is the number that a follow-up belongs to. None comes back, and nothing is
    kept, when the report was filed meanwhile.
    """
    if filed(session, key, who) is not None:
        return None
    draft = find(session, key, who)
    if draft is None:
        _forget_old(session, who, now)
        draft = Draft(key=key, user_id=who.person, content={FIELDS: {}, INCIDENT: incident})
        session.add(draft)
    kept = {name: value[:LONGEST_TEXT] for name, value in fields.items()}
    draft.content = {
        FIELDS: {**draft.content[FIELDS], **kept},
        INCIDENT: draft.content[INCIDENT],
    }
    draft.saved_at = now
    return draft


def mine(session: Session, who: Who) -> list[Draft]:
    """Return the drafts that a person may go on with, the newest first."""
    found = session.scalars(
        select(Draft).where(Draft.user_id == who.person).order_by(Draft.saved_at.desc(), Draft.id)
    )
    return [draft for draft in found if DISCARDED not in draft.content]


def discard(session: Session, key: str, *, who: Who, now: datetime) -> None:
    """Put a draft aside; it can be restored until it is old."""
    draft = find(session, key, who)
    if draft is not None:
        draft.content = {**draft.content, DISCARDED: now.isoformat()}


def restore(session: Session, key: str, *, who: Who) -> Draft:
    """Take back that a draft was discarded; raise NotFound when it is gone."""
    draft = find(session, key, who)
    if draft is None:
        raise NotFound
    draft.content = {name: draft.content[name] for name in (FIELDS, INCIDENT)}
    return draft


def forget(session: Session, key: str) -> None:
    """Remove the draft of a report that is filed."""
    session.execute(delete(Draft).where(Draft.key == key))


def _forget_old(session: Session, who: Who, now: datetime) -> None:
    session.execute(delete(Draft).where(Draft.user_id == who.person, Draft.saved_at < now - LASTS))
