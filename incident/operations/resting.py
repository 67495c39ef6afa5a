"""Take the work of drills off the desk while a real incident needs it, and bring it back."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from incident.models import Incident, OutgoingMessage
from incident.operations.delivery_states import HELD, QUEUED, RESTING


def rest(session: Session, drills: Collection[str], *, now: datetime) -> int:
    """Let everything of some drills rest; return how many messages wait from now on.

    What was handed to a provider cannot be called back. Calls that climb stop by the drill's
    clock, which stands still.
    """
    shelve(session, drills, now=now)
    waiting = session.scalars(
        select(OutgoingMessage)
        .where(OutgoingMessage.drill.in_(drills), OutgoingMessage.state.in_((QUEUED, HELD)))
        .order_by(OutgoingMessage.id)
        .with_for_update()
    ).all()
    for message in waiting:
        message.state, message.changed_at = RESTING, now
    return len(waiting)


def shelve(session: Session, drills: Collection[str], *, now: datetime) -> None:
    """Take the incidents of some drills off the duty desk; all else of them stays."""
    session.execute(
        update(Incident)
        .where(Incident.drill.in_(drills), Incident.shelved_at.is_(None))
        .values(shelved_at=now)
    )


def wake(session: Session, drill: str, *, now: datetime) -> None:
    """Bring back what rested of a drill: its rows to the desk, its messages to the queue."""
    session.execute(
        update(Incident)
        .where(Incident.drill == drill, Incident.shelved_at.is_not(None))
        .values(shelved_at=None)
    )
    session.execute(
        update(OutgoingMessage)
        .where(OutgoingMessage.drill == drill, OutgoingMessage.state == RESTING)
        .values(state=QUEUED, due_at=now, changed_at=now)
    )
