"""The life of one message at its provider: states move forward only, each change is told once."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from incident import words
from incident.crashpoints import crashpoint
from incident.models import Incident, OutgoingMessage
from incident.operations import arrival, timeline
from incident.operations.delivery_states import (
    ACCEPTED,
    ARRIVED,
    FAILED,
    OPEN,
    SENT,
)
from incident.who import DESK
from notifications.receipt import rank

AT_AN_END = rank("failed")
NO_REASON = "30008"  # the provider's own code for "unknown"
OF_CALLS = {"busy": "line-busy", "no-answer": "no-answer"}  # a call's status is its own reason

ASK_AFTER = timedelta(seconds=90)


def hand_over(
    session: Session,
    message: OutgoingMessage,
    *,
    provider_id: str,
    now: datetime,
    ask_after: timedelta = ASK_AFTER,
) -> None:
    """The provider has taken it; unless a receipt comes, it is asked after `ask_after`."""
    message.state, message.rank, message.provider_id = ACCEPTED, rank(ACCEPTED), provider_id
    message.problem, message.lease_until = None, None
    message.changed_at, message.due_at = now, now + ask_after
    crashpoint("delivery.before_entry")
    _tell(session, message, "message_sent", now)
    arrival.taken(session, message, now=now)


def advance(
    session: Session,
    message: OutgoingMessage,
    *,
    status: str,
    provider_id: str,
    error_code: str | None,
    now: datetime,
) -> None:
    """Take in what the provider says, if it is news.

    A late "sent" cannot undo "delivered". "delivered" after a failure is believed, and the
    failure stays readable in `problem` and on the timeline.
    """
    if message.state in OPEN:
        hand_over(session, message, provider_id=provider_id, now=now)
    if not _is_news(message, status):
        return
    message.rank, message.changed_at = rank(status), now
    was_there = message.state in ARRIVED
    message.state = status if rank(status) >= rank(SENT) else ACCEPTED
    if status in FAILED:
        message.problem = error_code or OF_CALLS.get(status, NO_REASON)
        _tell(session, message, "message_failed", now)
        arrival.failed(session, message, now=now)
    elif status in ARRIVED and not was_there:
        _tell(session, message, "message_delivered", now)
        arrival.arrived(session, message, now=now)


def give_up(
    session: Session, message: OutgoingMessage, state: str, problem: str, now: datetime
) -> None:
    """It will not be sent any more: refused, or dead."""
    message.state, message.rank = state, AT_AN_END
    message.problem, message.changed_at = problem, now
    _tell(session, message, "message_failed", now)
    arrival.failed(session, message, now=now)


def _is_news(message: OutgoingMessage, status: str) -> bool:
    revived = message.state in FAILED and status in ARRIVED
    return revived or rank(status) > message.rank


def _tell(session: Session, message: OutgoingMessage, type: str, now: datetime) -> None:
    incident = session.get(Incident, message.incident_id) if message.incident_id else None
    timeline.write(
        session,
        incident,
        type,
        who=DESK,
        now=now,
        words_for={
            "person": message.person,
            "problem": words.label("message_problems", message.problem),
        },
        data={"message": message.id, "state": message.state, "resent": message.resent},
    )
