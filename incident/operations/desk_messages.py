"""A message of the desk itself, of no incident, to somebody on duty."""

import secrets
from datetime import datetime

from incident.models import OutgoingMessage
from incident.operations import calling
from incident.operations.oncall import OnCall


def message_to(
    one: OnCall, channel: str, body: str, *, reason: str, now: datetime
) -> OutgoingMessage:
    """Return the row of a real message that is due at once; `reason` makes it leave once."""
    return OutgoingMessage(
        **calling.counted(body),
        code=secrets.token_hex(12),
        reason=f"{reason}:{one.user_id}:{channel}",
        user_id=one.user_id,
        person=one.person,
        to=one.addresses[channel],
        channel=channel,
        drill=None,
        priority=calling.PRIORITY_REAL,
        state="queued",
        rank=0,
        attempts=0,
        due_at=now,
        resent=False,
        created_at=now,
        changed_at=now,
    )
