"""STOP from somebody on the roster: the duty officer must know, and nobody is silently left out."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from incident.models import OutgoingMessage, Reply, User
from incident.operations import timeline
from incident.operations.desk_messages import message_to
from incident.operations.oncall import OnCall, on_call
from incident.rulebook import Rulebook
from incident.who import DESK
from notifications.replies import Meaning
from notifications.text import Purpose, compose
from workflows.lifecycle import Role
from workflows.plan import ChannelName

REFUSAL = "refusal"  # the provider of a STOP that nobody wrote to us: it refused to send


def hear(session: Session, message: OutgoingMessage, now: datetime) -> None:
    """Take a provider's refusal to write to somebody who opted out for his STOP."""
    same = select(Reply.id).where(Reply.provider == REFUSAL, Reply.provider_id == message.code)
    if session.scalar(same) is None:
        session.add(
            Reply(
                provider=REFUSAL,
                provider_id=message.code,
                channel=ChannelName.SMS,
                sender=message.to,
                message_code=message.code,
                body=Meaning.STOP,
                drill=message.drill is not None,
                came_at=now,
            )
        )


def alarm(session: Session, reply: Reply, *, now: datetime, rules: Rulebook) -> None:
    """Tell the duty officer that somebody opted out; he is still called by every way there is."""
    people = list(session.scalars(select(User).where(User.phone == reply.sender)))
    if not people:
        reply.sender = ""
        return
    for one in people:
        timeline.write(
            session,
            None,
            "reply_stop",
            who=DESK,
            now=now,
            words_for={"person": one.display},
            data={"user": one.id, "reply": reply.id},
        )
    if reply.drill:
        return
    told = _officers(session, {one.id for one in people}, now=now, rules=rules)
    body = compose(Purpose.STOPPED, organisation=rules.organisation, drill=False)
    for officer in told:
        for channel in (ChannelName.SMS, ChannelName.VOICE):
            if channel in officer.addresses:
                session.add(message_to(officer, channel, body, reason=f"stop:{reply.id}", now=now))


def opted_out(session: Session) -> set[int]:
    """Return the ids of people whose last word by SMS was STOP."""
    last = select(func.max(Reply.id)).where(Reply.sender != "").group_by(Reply.sender)
    query = (
        select(User.id)
        .join(Reply, Reply.sender == User.phone)
        .where(Reply.id.in_(last), Reply.meaning == Meaning.STOP)
    )
    return set(session.scalars(query))


def _officers(session: Session, but: set[int], *, now: datetime, rules: Rulebook) -> list[OnCall]:
    """Return the duty officers but for who opted out; the leader where nobody else is there."""
    for role in (Role.DUTY_OFFICER, Role.DUTY_LEADER):
        found = [one for one in on_call(session, role, now, rules=rules) if one.user_id not in but]
        if found:
            return found
    return []
