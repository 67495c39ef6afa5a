"""已阅: somebody has seen an incident. It is no answer, and nothing stops for it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.models import AlertPerson, Entry, Incident
from incident.operations import alerts, timeline
from incident.operations.context import Context

READ = "read"


def read(session: Session, incident: Incident, context: Context) -> bool:
    """Write down that this person has seen it; False when that is on record already.

    Who is called once more, after a raise of the grade, reads once more.
    """
    unread = session.scalars(
        select(AlertPerson).where(
            AlertPerson.incident_id == incident.id,
            AlertPerson.user_id == context.who.person,
            AlertPerson.read_at.is_(None),
        )
    ).all()
    if not unread and has_read(session, incident, context):
        return False
    for person in unread:
        alerts.mark_read(session, person, now=context.now)
    timeline.write(session, incident, READ, who=context.who, now=context.now)
    return True


def has_read(session: Session, incident: Incident, context: Context) -> bool:
    """Tell whether this person has seen the incident, and every call of his for it."""
    unread = select(AlertPerson.id).where(
        AlertPerson.incident_id == incident.id,
        AlertPerson.user_id == context.who.person,
        AlertPerson.read_at.is_(None),
    )
    seen = select(Entry.seq).where(
        Entry.incident_id == incident.id,
        Entry.actor_id == context.who.person,
        Entry.type == READ,
    )
    return session.scalar(unread.limit(1)) is None and session.scalar(seen.limit(1)) is not None
