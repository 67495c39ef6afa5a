"""Whose telephone does not take messages: nobody has the number, or its owner opted out."""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from incident.models import OutgoingMessage, User
from incident.operations import refusals
from incident.operations.delivery_states import ARRIVED
from notifications.failures import BAD_CODES

OPTED_OUT, BAD_NUMBER = "opted_out", "bad_number"


def bad_contacts(session: Session) -> Mapping[int, str]:
    """Return by user what is wrong with his telephone, until something arrives there again."""
    found = dict.fromkeys(_without_a_number(session), BAD_NUMBER)
    return found | dict.fromkeys(refusals.opted_out(session), OPTED_OUT)


def _without_a_number(session: Session) -> list[int]:
    """Return those to whom the last message whose end is known failed for the number's sake."""
    ended = (
        select(OutgoingMessage.to.label("phone"), func.max(OutgoingMessage.id).label("last"))
        .join(User, User.phone == OutgoingMessage.to)
        .where(OutgoingMessage.problem.in_(BAD_CODES) | OutgoingMessage.state.in_(ARRIVED))
        .group_by(OutgoingMessage.to)
        .subquery()
    )
    query = (
        select(User.id)
        .join(ended, ended.c.phone == User.phone)
        .join(OutgoingMessage, OutgoingMessage.id == ended.c.last)
        .where(OutgoingMessage.problem.in_(BAD_CODES))
    )
    return list(session.scalars(query))
