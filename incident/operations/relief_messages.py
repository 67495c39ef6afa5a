"""Tell the duty leader by message what the handover of the watch did not settle."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from incident.operations.desk_messages import message_to
from incident.operations.oncall import OnCall, on_call
from incident.rulebook import Rulebook
from notifications.text import Purpose, compose
from workflows.lifecycle import Role
from workflows.plan import ChannelName
from workflows.rotation import Tier

PAGED = (ChannelName.SMS, ChannelName.VOICE)
WRITTEN = (ChannelName.SMS, ChannelName.MAIL)


def tell_leader(
    session: Session,
    purpose: Purpose,
    reason: str,
    *,
    now: datetime,
    rules: Rulebook,
    channels: Sequence[ChannelName] = PAGED,
) -> list[str]:
    """Queue a text and a call to the leader on duty; return whom they go to.

    `reason` makes them leave once. `channels` are WRITTEN for what can wait until it is read. Who
    has none of them is told by what he has.
    """
    found = on_call(session, Role.DUTY_LEADER, now, rules=rules)
    leaders = [one for one in found if one.tier == Tier.MAIN]
    body = compose(purpose, organisation=rules.organisation, drill=False)
    for one in leaders:
        for channel in _channels(one, channels):
            session.add(message_to(one, channel, body, reason=reason, now=now))
    return [one.person for one in leaders]


def _channels(one: OnCall, channels: Sequence[ChannelName]) -> Sequence[str]:
    wanted = [channel.value for channel in channels if channel in one.addresses]
    return wanted or [*one.addresses][:1]
