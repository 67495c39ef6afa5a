"""Who was alerted of an incident, by which channel, and what is known of it."""

from dataclasses import dataclass

from flask import Blueprint, Response

from incident.api import answering, finding, reading
from incident.api.answers import Moment
from incident.api.asking import Listing, part
from incident.api.contract import PREFIX, operation
from incident.queries.delivery import Delivery, deliveries
from incident.queries.reaching import Call, Called, calls
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
class CalledAnswer:
    """One person of an alert: delivered, read and answered are three facts of his own.

    `state` is waiting, called, answered, cannot, spared or over; `answer` received, under_way or
    cannot. `next_at` is when the next step of his ladder comes, null when nothing is tried.
    """

    person: str
    post: str
    tier: str
    why: str
    state: str
    called_at: Moment | None
    delivered_at: Moment | None
    read_at: Moment | None
    answered_at: Moment | None
    answer: str | None
    answered_by: str | None
    next_at: Moment | None
    next_channels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertAnswer:
    """One call for people, with the policy as it was when it began.

    `siren_at` is when the duty desk rings by hand, null when never. `ended` is answered,
    superseded or closed, null as long as it goes on.
    """

    event: str
    clock: str | None
    grade: str | None
    policy: str
    basis: str
    confidence: str
    started_at: Moment
    siren_at: Moment | None
    sirened_at: Moment | None
    ended_at: Moment | None
    ended: str | None
    people: tuple[CalledAnswer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """A part of the messages, those that failed first, and all alerts, the open ones first."""

    items: tuple[MessageAnswer, ...]
    alerts: tuple[AlertAnswer, ...]
    next: str | None


@blueprint.get("/incidents/<number>/messages")
@requires(Permission.DESK)
@operation("List who was alerted, and what is known of it.", query=Listing, answer=Messages)
def index(number: str) -> Response:
    asked = reading.query(Listing)
    with services().reading() as session:
        incident = finding.incident(session, number)
        rows, called = deliveries(session, incident.id), calls(session, incident.id)
    shown, following = part(rows, asked)
    items = tuple(_answer(row) for row in shown)
    return answering.respond(
        Messages(items=items, alerts=tuple(map(_alert, called)), next=following)
    )


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


def _alert(call: Call) -> AlertAnswer:
    return AlertAnswer(
        event=call.event,
        clock=call.clock,
        grade=call.grade,
        policy=call.policy["id"],
        basis=call.policy["basis"],
        confidence=call.policy["confidence"],
        started_at=call.started_at,
        siren_at=call.siren_at,
        sirened_at=call.sirened_at,
        ended_at=call.ended_at,
        ended=call.ended,
        people=tuple(map(_called, call.people)),
    )


def _called(one: Called) -> CalledAnswer:
    return CalledAnswer(
        person=one.person,
        post=one.post,
        tier=one.tier,
        why=one.why,
        state=one.state,
        called_at=one.called_at,
        delivered_at=one.delivered_at,
        read_at=one.read_at,
        answered_at=one.answered_at,
        answer=one.answer,
        answered_by=one.answered_by,
        next_at=one.next.at if one.next else None,
        next_channels=one.next.channels if one.next else (),
    )
