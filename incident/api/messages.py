"""Who was alerted of an incident, by which channel, and what is known of it."""

from dataclasses import dataclass

from flask import Blueprint, Response

from incident.api import answering, finding, reading
from incident.api.answers import Moment
from incident.api.asking import Listing, part
from incident.api.contract import PREFIX, operation
from incident.queries.delivery import Delivery, deliveries
from incident.web.access import Permission, requires
from incident.web.desk import services

blueprint = Blueprint("api_messages", __name__, url_prefix=PREFIX)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAnswer:
    """One message to one person; the number is masked.

    `state` is queued, sending, uncertain, or what the provider said last; `problem` why it went
    no further. `acknowledged_at` is the person's own answer, null as long as there is none.
    """

    person: str
    roles: tuple[str, ...]
    to: str
    channel: str
    text: str
    segments: int
    state: str
    problem: str | None
    attempts: int
    created_at: Moment
    changed_at: Moment
    next_try_at: Moment | None
    acknowledged_at: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """A part of the messages, those that failed first."""

    items: tuple[MessageAnswer, ...]
    next: str | None


@blueprint.get("/incidents/<number>/messages")
@requires(Permission.DESK)
@operation("List who was alerted, and what is known of it.", query=Listing, answer=Messages)
def index(number: str) -> Response:
    asked = reading.query(Listing)
    with services().reading() as session:
        rows = deliveries(session, finding.incident(session, number).id)
    shown, following = part(rows, asked)
    items = tuple(_answer(row) for row in shown)
    return answering.respond(Messages(items=items, next=following))


def _answer(row: Delivery) -> MessageAnswer:
    return MessageAnswer(
        person=row.person,
        roles=row.roles,
        to=row.phone,
        channel=row.channel,
        text=row.body,
        segments=row.segments,
        state=row.status,
        problem=row.reason,
        attempts=row.attempts,
        created_at=row.created_at,
        changed_at=row.status_at,
        next_try_at=row.next_at,
        acknowledged_at=row.acknowledged_at,
    )
