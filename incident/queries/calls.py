"""What a call for people would send before it is sent: its text, whom it reaches, what it costs."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from incident.models import Incident
from incident.operations import calling, facts, recipients
from incident.rulebook import Rulebook
from notifications.text import Purpose, Segments, segments
from workflows.plan import CalloutEvent, ChannelName

EXAMPLE_CODE = "K7"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The first text of a call, as somebody gets it who can answer by SMS.

    `first` are called at once, `later` only while nobody answers. `cost` is the number of SMS
    segments that the first step takes for all of them; calls are not counted.
    """

    text: str
    segments: Segments
    first: tuple[str, ...]
    later: tuple[str, ...]
    cost: int


def preview(
    session: Session, incident: Incident, event: str, *, now: datetime, rules: Rulebook
) -> Preview:
    """Return what an alert of this event would send now; nothing is written."""
    named = CalloutEvent.ACTIVATED if event == Purpose.REOPENED else CalloutEvent(event)
    call = recipients.demanded(incident, named, rules=rules)
    people = recipients.freeze(session, call, now=now, rules=rules)
    on = calling.Occasion(
        incident=incident,
        purpose=Purpose(event),
        reason="",
        facts=facts.current(session, incident.id),
        rules=rules,
    )
    text = calling.text(on, code=EXAMPLE_CODE)
    counted = segments(text)
    first = [one for one in people if one["next_at"] <= now]
    by_text = [one for one in first if ChannelName.SMS in one["addresses"]]
    return Preview(
        text=text,
        segments=counted,
        first=tuple(one["person"] for one in first),
        later=tuple(one["person"] for one in people if one["next_at"] > now),
        cost=counted.count * len(by_text),
    )
