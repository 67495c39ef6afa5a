"""Write the messages of one step: the text, and a row for each person and channel."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from incident.models import Incident
from incident.rulebook import Rulebook
from notifications.text import Alert, Purpose, compose, segments
from workflows.plan import ChannelName, Grade

GRAVE = frozenset({"I", "II"})
PRIORITY_GRAVE, PRIORITY_REAL, PRIORITY_REMINDER, PRIORITY_DRILL, PRIORITY_TEST = 0, 1, 2, 5, 9
ANSWERABLE = frozenset({ChannelName.SMS})  # where the text itself says how to answer
OF_THE_DESK = frozenset({ChannelName.PAGE, ChannelName.SHEET})  # no message leaves for these
OF_THE_GROUP = frozenset({ChannelName.ROBOT})  # tells others too, and may not be seen by him

Row = dict[str, Any]


class Called(Protocol):
    """Who is called, as a row of an alert has him."""

    id: int
    user_id: int
    person: str
    addresses: dict[str, str]
    code: str


Step = tuple[Called, int, Sequence[str]]  # who, which step of his ladder, by which channels


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What a call is about: the same for everybody whom it reaches.

    `reason` tells one call from the next; `clock` is the title of a clock that is overdue.
    """

    incident: Incident
    purpose: Purpose
    reason: str
    facts: Mapping[str, Any]
    rules: Rulebook
    clock: str | None = None
    at: str | None = None


def text(on: Occasion, *, code: str | None = None) -> str:
    """Return the text of a call; `code` is how to answer, None where nobody can."""
    incident = on.incident
    alert = Alert(
        number=incident.number,
        kind=incident.kind,
        grade=incident.grade if incident.grade in set(Grade) else None,
        place=on.rules.divisions.name(incident.division),
        ill=on.facts.get("ill"),
        deaths=on.facts.get("deaths"),
        clock=on.clock,
        at=on.at,
    )
    drill = incident.drill is not None
    return compose(
        on.purpose, organisation=on.rules.organisation, drill=drill, alert=alert, code=code
    )


def rows(
    on: Occasion, steps: Iterable[Step], *, now: datetime, priority: int | None = None
) -> list[Row]:
    """Return the rows of some people's steps, one for each person and channel.

    Who has no address for any of the channels is called by all that he has.
    """
    bodies: dict[tuple[str, str], str] = {}
    alike = common(on.incident, now, priority=priority)
    made = []
    for person, step, channels in steps:
        for channel, to in _ways(person.addresses, channels):
            code = person.code if _answers(on, channel, to) else ""
            if (channel, code) not in bodies:
                bodies[channel, code] = text(on, code=code or None)
            body = bodies[channel, code]
            made.append(alike | _of(on, person, step, channel, to) | counted(body))
    return made


def common(incident: Incident, now: datetime, *, priority: int | None = None) -> Row:
    """Return what all messages of one moment about an incident have in common."""
    return {
        "incident_id": incident.id,
        "drill": incident.drill,
        "priority": urgency(incident) if priority is None else priority,
        "state": "queued",
        "rank": 0,
        "attempts": 0,
        "due_at": now,
        "resent": False,
        "created_at": now,
        "changed_at": now,
    }


def urgency(incident: Incident) -> int:
    """Return how urgent the messages of an incident are; less is sooner, and a drill comes last."""
    if incident.drill:
        return PRIORITY_DRILL
    return PRIORITY_GRAVE if incident.grade in GRAVE else PRIORITY_REAL


def counted(body: str) -> Row:
    """Return a text with what it costs."""
    return {"body": body, "segments": segments(body).count}


def _ways(addresses: Mapping[str, str], channels: Sequence[str]) -> list[tuple[str, str]]:
    wanted = [channel for channel in channels if channel not in OF_THE_DESK]
    found = [channel for channel in wanted if channel in addresses]
    if wanted and not set(found) - OF_THE_GROUP:
        found += [channel for channel in addresses if channel not in OF_THE_GROUP]
    return [(channel, addresses[channel]) for channel in found]


def _answers(on: Occasion, channel: str, to: str) -> bool:
    return channel in ANSWERABLE and on.rules.can_reply(to, on.incident.drill is not None)


def _of(on: Occasion, person: Called, step: int, channel: str, to: str) -> Row:
    return {
        "code": secrets.token_hex(12),
        "reason": f"{on.reason}:{person.user_id}:{step}:{channel}",
        "user_id": person.user_id,
        "alert_person_id": person.id,
        "step": step,
        "person": person.person,
        "address": to,
        "channel": channel,
    }
