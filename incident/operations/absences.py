"""When people cannot be on duty; why is not asked."""

from sqlalchemy.orm import Session

from incident.errors import NotFound
from incident.inputs.roster import AbsenceInput
from incident.models import Absence, User
from incident.operations import roster, timeline
from incident.operations.context import Context


def add(session: Session, user: User, new: AbsenceInput, context: Context) -> Absence:
    """Note that somebody is away: his stand-in steps in, or a gap shows."""
    roster.check_span(new.starts_at, new.ends_at, context.now)
    row = Absence(
        user_id=user.id,
        starts_at=new.starts_at,
        ends_at=new.ends_at,
        made_by=context.who.id,
        made_at=context.now,
    )
    session.add(row)
    session.flush()
    timeline.write(
        session,
        None,
        "absence_noted",
        who=context.who,
        now=context.now,
        words_for={
            "person": user.display,
            "time": roster.told(row.starts_at, row.ends_at, context),
        },
        data={"absence": row.id, "user": user.id},
    )
    return row


def revoke(session: Session, number: int, context: Context, *, of: int | None) -> None:
    """Take an absence back; raise NotFound, also for another's when `of` says whose it must be."""
    row = session.get(Absence, number)
    if row is None or row.revoked_at is not None or of not in (None, row.user_id):
        raise NotFound
    row.revoked_at = context.now
    timeline.write(
        session,
        None,
        "absence_revoked",
        who=context.who,
        now=context.now,
        words_for={
            "person": session.get_one(User, row.user_id).display,
            "time": roster.told(row.starts_at, row.ends_at, context),
        },
        data={"absence": row.id, "user": row.user_id},
    )
