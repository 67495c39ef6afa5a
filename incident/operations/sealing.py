"""Whom a drill's message may be for: its own people, and addresses that ring nobody."""

from sqlalchemy import ColumnElement, column, exists, or_, select, table
from sqlalchemy.orm import Session

from incident.models import CommTestPerson, OutgoingMessage, User
from incident.operations.commtests import REASON
from incident.operations.people import EXAMPLE_PREFIX

RESERVED = (".invalid", ".example", ".test", "example.com", "example.org", "example.net")
RUNS = table("drill_runs", column("id"), column("key"))
PARTICIPANTS = table("drill_participants", column("run_id"), column("user_id"))


def may_leave(session: Session, message_id: int) -> bool:
    """Tell whether a drill's message is for somebody who takes part, or for nobody real.

    The tables of who takes part are those of the drills, which are not known here but by name.
    """
    message = session.get_one(OutgoingMessage, message_id)
    if rings_nobody(message.to):
        return True
    own = select(User.id).where(
        User.id == message.user_id,
        or_(User.phone == message.to, User.mail == message.to),
        _takes_part(message.drill or "", message.user_id or 0),
    )
    return session.scalar(own) is not None


def rings_nobody(address: str) -> bool:
    """Tell whether an address belongs to nobody: an example's, a reserved domain, or a group's."""
    is_group = not address.startswith("+") and "@" not in address
    return is_group or address.startswith(EXAMPLE_PREFIX) or address.lower().endswith(RESERVED)


def _takes_part(drill: str, user_id: int) -> ColumnElement[bool]:
    plays = (
        exists()
        .select_from(PARTICIPANTS.join(RUNS, RUNS.c.id == PARTICIPANTS.c.run_id))
        .where(RUNS.c.key == drill, PARTICIPANTS.c.user_id == user_id)
    )
    kind, _, number = drill.rpartition("-")
    if kind != REASON:
        return plays
    return exists().where(CommTestPerson.test_id == int(number), CommTestPerson.user_id == user_id)
