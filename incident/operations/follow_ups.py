"""Follow-ups of a review (整改): who may say that one is done, and how it was."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.errors import Conflict, Forbidden, NotFound
from incident.inputs.follow_ups import Finished
from incident.models import FollowUp, Incident, User
from incident.operations import timeline
from incident.operations.context import Context
from incident.who import Who
from workflows.lifecycle import Role

MAY_FINISH_ALL = Role.DUTY_LEADER


def of(session: Session, incident_id: int) -> list[FollowUp]:
    """Return the follow-ups of an incident, done or not, as the archive has them."""
    query = select(FollowUp).where(FollowUp.incident_id == incident_id)
    return list(session.scalars(query.order_by(FollowUp.id)))


def find(session: Session, incident: Incident, follow_up_id: int) -> FollowUp:
    """Return a follow-up of this incident; raise NotFound."""
    found = session.get(FollowUp, follow_up_id)
    if found is None or found.incident_id != incident.id:
        raise NotFound
    return found


def names(session: Session, who: Who) -> frozenset[str]:
    """Return what a person may be called as an owner: by account, or as he is shown."""
    user = session.get(User, who.id) if who.id else None
    return frozenset({user.name, user.display}) if user else frozenset()


def may_finish(row: FollowUp, who: Who, called: frozenset[str]) -> bool:
    """Tell whether this person is its owner, by one of his names, or leads the duty."""
    return row.owner in called or who.may_be(MAY_FINISH_ALL)


def finish(
    session: Session, incident: Incident, row: FollowUp, bring: Finished, context: Context
) -> None:
    """Say that a follow-up is done, and how; it stays so. `incident` is held."""
    if not may_finish(row, context.who, names(session, context.who)):
        raise Forbidden("not-the-owner")
    session.refresh(row, ["done_at"])
    if row.done_at is not None:
        raise Conflict("follow-up-done")
    row.done_at, row.done_by, row.done_note = context.now, context.who.person, bring.note
    late = is_late(row, context.rules.day(context.now))
    timeline.write(
        session,
        incident,
        "follow_up_done",
        who=context.who,
        now=context.now,
        words_for={"what": row.what, "owner": row.owner, "note": bring.note},
        data={"follow_up": row.id, "due_on": row.due_on.isoformat(), "late": late},
    )


def is_late(row: FollowUp, day: date) -> bool:
    """Tell whether it was not done by the end of its day; `day` is that of now, or of its end."""
    return day > row.due_on
