"""What became of a message, to the person whom it calls: arrived, failed, or not heard of."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.models import AlertPerson, OutgoingMessage
from incident.operations import folding, pace, refusals
from incident.operations.alert_states import OPEN
from incident.operations.delivery_states import FAILED, WITHDRAWN
from notifications import failures
from notifications.failures import Failure
from workflows.plan import ChannelName

PATIENCE = timedelta(seconds=180)  # handed over and not delivered: then the next channel
AGAIN_AFTER = timedelta(minutes=3)  # for a handset that was off


def withdrawn(session: Session, message: OutgoingMessage, *, now: datetime) -> bool:
    """Withdraw a message that was not sent and that nobody needs any more; tell whether it was so.

    Nobody is rung for a further step once he has answered or is called no more. A first text
    still goes, so that everybody who is called has it in writing.
    """
    if not message.step or message.alert_person_id is None:
        return False
    if session.get_one(AlertPerson, message.alert_person_id).state in OPEN:
        return False
    message.state, message.changed_at = WITHDRAWN, now
    return True


def taken(session: Session, message: OutgoingMessage, *, now: datetime) -> None:
    """A provider has it: unless it arrives within PATIENCE, the next step comes by then."""
    called = _called_by(session, message)
    until = pace.time_of(session, message.drill).project(now, now + PATIENCE) if called else now
    for person in called:
        if person.next_at is not None:
            person.next_at = min(person.next_at, until)


def arrived(session: Session, message: OutgoingMessage, *, now: datetime) -> None:
    """It was delivered, which is no answer: the ladder goes on at its own times."""
    for person in folding.people_of(session, message):
        person.delivered_at = person.delivered_at or now
        if person.state in OPEN and person.next_at is not None:
            moment = pace.time_of(session, message.drill).moment(now)
            person.next_at = max(moment, _time(person))


def failed(session: Session, message: OutgoingMessage, *, now: datetime) -> None:
    """It will not arrive: the next step now, unless another message of this step is on its way.

    A handset that is off is tried once more later; a landline is rung in place of the text.
    """
    kind = failures.of_code(message.problem)
    if kind is Failure.OPTED_OUT:
        refusals.hear(session, message, now)
    time = pace.time_of(session, message.drill)
    moment, again_at = time.moment(now), time.project(now, now + AGAIN_AFTER)
    for person in _called_by(session, message):
        if kind in failures.AGAIN and not _was_again(person, message):
            _add_step(person, again_at, [message.channel], again=True)
        if kind is Failure.NO_TEXTS and ChannelName.VOICE in person.addresses:
            _add_step(person, moment, [ChannelName.VOICE], again=False)
        if person.next_at is not None:
            skips = _has_other_way(person, message) and not _has_other(session, person, message)
            person.next_at = moment if skips else _time(person)


def _called_by(session: Session, message: OutgoingMessage) -> list[AlertPerson]:
    """Return whom a message calls, where its step is the last that was taken."""
    if message.step is None and message.alert_person_id is not None:
        return []
    return [
        person
        for person in folding.people_of(session, message)
        if person.state in OPEN and (message.step is None or message.step == person.step - 1)
    ]


def _has_other_way(person: AlertPerson, message: OutgoingMessage) -> bool:
    """Tell whether the next step is more than the same channel again."""
    following = person.ladder[person.step : person.step + 1]
    return any(name != message.channel for step in following for name in step["channels"])


def _has_other(session: Session, person: AlertPerson, message: OutgoingMessage) -> bool:
    query = select(OutgoingMessage.id).where(
        OutgoingMessage.alert_person_id == person.id,
        OutgoingMessage.step == message.step,
        OutgoingMessage.id != message.id,
        OutgoingMessage.state.not_in((*FAILED, WITHDRAWN)),
    )
    return session.scalar(query.limit(1)) is not None


def _was_again(person: AlertPerson, message: OutgoingMessage) -> bool:
    return message.step is not None and bool(person.ladder[message.step].get("again"))


def _add_step(person: AlertPerson, at: datetime, channels: Sequence[str], *, again: bool) -> None:
    """Put a step into what is left of a ladder, in its place by time."""
    step = {"at": at.isoformat(), "channels": [str(name) for name in channels], "again": again}
    rest = sorted([*person.ladder[person.step :], step], key=lambda one: str(one["at"]))
    person.ladder = [*person.ladder[: person.step], *rest]
    person.next_at = _time(person)


def _time(person: AlertPerson) -> datetime:
    return datetime.fromisoformat(person.ladder[person.step]["at"])
