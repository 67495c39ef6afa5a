"""Messages in the outbox for tests, channels to a running stand-in, and the check of a history."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from incident.models import Entry, Incident, OutgoingMessage
from incident.services import Services
from notifications.channel import Channels
from notifications.text import Alert, Purpose, compose, segments
from tests.support.provider import Provider


def queue_messages(
    services: Services, incident: Incident, count: int, *, first: int = 1, **changes: Any
) -> list[int]:
    """Queue messages to as many people of an incident; return their ids."""
    body = compose(
        Purpose.REPORTED,
        organisation="示例市市场监督管理局",
        drill=incident.drill is not None,
        alert=Alert(number=incident.number, kind=incident.kind),
    )
    rows = [
        OutgoingMessage(**(_row(incident, number, body, services) | changes))
        for number in range(first, first + count)
    ]
    with services.transaction() as session:
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def message(services: Services, id: int) -> OutgoingMessage:
    """Return a message as the database has it."""
    return messages(services, [id])[0]


def messages(services: Services, ids: Sequence[int]) -> list[OutgoingMessage]:
    with services.reading() as session:
        found = select(OutgoingMessage).where(OutgoingMessage.id.in_(ids))
        return list(session.scalars(found.order_by(OutgoingMessage.id)))


def told(services: Services, id: int) -> list[str]:
    """Return the types of the entries about a message, in order."""
    with services.reading() as session:
        entries = session.scalars(select(Entry).order_by(Entry.seq))
        return [entry.type for entry in entries if entry.data.get("message") == id]


def channels_to(provider: Provider, *, timeout: tuple[float, float] = (3, 5)) -> Channels:
    """Return channels that all end in a running stand-in provider."""
    sms = provider.sms(timeout=timeout)
    return Channels(live={"sms": sms}, drill={"sms": sms})


def check_history(services: Services, provider: Provider, ids: Sequence[int]) -> Counter[str]:
    """Hold what the provider took against what the desk says; return how often each number got.

    Every message was taken and told once; and a number got more than one text only where the
    desk says that it sent again.
    """
    rows = messages(services, ids)
    ours = {row.to for row in rows}
    taken = [record for record in provider.inbox_whole() if record["to"] in ours]
    assert {record["to"] for record in taken} == ours
    got = Counter(record["to"] for record in taken)
    known = {record["sid"] for record in taken}
    with services.reading() as session:
        entries = session.scalars(select(Entry).where(Entry.type == "message_sent"))
        sent = Counter(entry.data["message"] for entry in entries)
    for row in rows:
        assert row.provider_id in known, row.state
        assert sent[row.id] == 1
        assert got[row.to] == 1 or row.resent
    return got


def _row(incident: Incident, number: int, body: str, services: Services) -> dict[str, Any]:
    return {
        "code": f"code-{incident.id}-{number}",
        "reason": f"test:{incident.id}:{number}",
        "incident_id": incident.id,
        "person": f"值班员{number}",
        "to": f"+86100000009{number:03d}",
        "channel": "sms",
        "body": body,
        "segments": segments(body).count,
        "drill": incident.drill,
        "priority": 1,
        "state": "queued",
        "rank": 0,
        "attempts": 0,
        "due_at": services.now(),
        "resent": False,
        "created_at": services.now(),
        "changed_at": services.now(),
    }
