"""Who of an alert is still called, whom an answer spares, whom a refusal calls, when it is over."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session, aliased

from incident import words
from incident.crashpoints import crashpoint
from incident.models import Alert, AlertPerson, Incident, OutgoingMessage
from incident.operations import timeline
from incident.operations.delivery_states import HELD, QUEUED, RESTING, WITHDRAWN
from incident.operations.recipients import ANY_POST
from incident.who import DESK
from workflows.plan import Tier

WAITING, CALLED, ANSWERED, CANNOT = "waiting", "called", "answered", "cannot"
SPARED, OVER = "spared", "over"
OPEN = (WAITING, CALLED)
AT_ONCE = timedelta(minutes=1)  # in which a first text leaves, where providers work
SUPERSEDED, CLOSED, KEPT = "superseded", "closed", "kept"


def spare(session: Session, person: AlertPerson) -> None:
    """Let nobody else of the same post be called, where one answer is enough.

    The leader above all posts answers for all of them.
    """
    if person.waits_for is None:
        return
    _set_state(session, person.alert_id, SPARED, _same_post(person))


def hand_on(session: Session, alert: Alert, person: AlertPerson, now: datetime) -> None:
    """Call the next one at once for somebody who cannot come, the desk where there is none."""
    if _has_answer(session, person):
        return
    for tier in (Tier.STAND_IN, Tier.LEADER):
        if _pull(session, person, tier, now):
            return
    if not _others_called(session, person):
        alert.siren_at = min(alert.siren_at or now, now)


def is_open(session: Session, alert: Alert) -> bool:
    """Tell whether an answer is still wanted.

    It is while somebody is called who is wanted in person, or while a post has no answer. The
    leader above the posts is only wanted for them.
    """
    wanted = _exists(
        session,
        AlertPerson.alert_id == alert.id,
        AlertPerson.state.in_(OPEN),
        or_(AlertPerson.waits_for.is_(None), AlertPerson.waits_for != ANY_POST),
    )
    return wanted or _is_unmanned(session, alert)


def end(session: Session, alert: Alert, how: str, now: datetime) -> None:
    """End an alert: nobody is called for it any more."""
    alert.ended, alert.ended_at = how, now
    _set_state(session, alert.id, OVER)
    withdraw(session, alert, now)
    timeline.write(
        session,
        session.get_one(Incident, alert.incident_id),
        "alert_ended",
        who=DESK,
        now=now,
        words_for={
            "event": words.label("alert_events", alert.event),
            "how": words.label("alert_ends", how),
        },
        data={"alert": alert.id, "how": how},
    )


def end_open(
    session: Session,
    incident: Incident,
    how: str,
    now: datetime,
    *,
    events: Collection[str] | None = None,
) -> None:
    """End the open alerts of an incident, those of some events or all."""
    query = select(Alert).where(Alert.incident_id == incident.id, Alert.ended_at.is_(None))
    if events is not None:
        query = query.where(Alert.event.in_(events))
    for alert in session.scalars(query.order_by(Alert.id).with_for_update()):
        end(session, alert, how, now)


def withdraw(session: Session, alert: Alert, now: datetime) -> None:
    """Take back the messages that wait for people who are not called any more.

    A first text that was queued just now still leaves: everybody who is called has it in writing.
    """
    crashpoint("answer.before_withdraw")
    settled = select(AlertPerson.id).where(
        AlertPerson.alert_id == alert.id, AlertPerson.state.not_in(OPEN)
    )
    session.execute(
        update(OutgoingMessage)
        .where(
            OutgoingMessage.alert_person_id.in_(settled),
            OutgoingMessage.state.in_((QUEUED, HELD, RESTING)),
            or_(OutgoingMessage.step > 0, OutgoingMessage.created_at <= now - AT_ONCE),
            OutgoingMessage.step.is_not(None),
        )
        .values(state=WITHDRAWN, changed_at=now)
        .execution_options(synchronize_session=False)
    )


def end_overdue(session: Session, incident: Incident, clock_id: int, now: datetime) -> None:
    """End the alert of a clock that was overdue and is kept now; nobody need come for it."""
    reason = f"{incident.number}:overdue:clock-{clock_id}"
    query = select(Alert).where(Alert.reason == reason, Alert.ended_at.is_(None))
    for alert in session.scalars(query.with_for_update()):
        end(session, alert, KEPT, now)


def _same_post(person: AlertPerson) -> ColumnElement[bool]:
    if person.waits_for == ANY_POST:
        return AlertPerson.waits_for.is_not(None)
    return AlertPerson.waits_for == person.waits_for


def _has_answer(session: Session, person: AlertPerson) -> bool:
    """Tell whether somebody else of the same post, or the leader above all, has answered."""
    return _exists(
        session,
        AlertPerson.alert_id == person.alert_id,
        AlertPerson.state == ANSWERED,
        or_(AlertPerson.post == person.post, AlertPerson.waits_for == ANY_POST),
    )


def _others_called(session: Session, person: AlertPerson) -> bool:
    return _exists(
        session,
        AlertPerson.alert_id == person.alert_id,
        AlertPerson.id != person.id,
        AlertPerson.state.in_(OPEN),
        or_(AlertPerson.post == person.post, AlertPerson.waits_for == ANY_POST),
    )


def _pull(session: Session, person: AlertPerson, tier: Tier, now: datetime) -> bool:
    """Let those of a tier who wait be called now; tell whether there are any."""
    waiting = and_(
        AlertPerson.alert_id == person.alert_id,
        AlertPerson.tier == tier.value,
        AlertPerson.state == WAITING,
    )
    if tier is not Tier.LEADER:
        waiting = and_(waiting, AlertPerson.waits_for == person.waits_for)
    found = _exists(session, waiting)
    session.execute(update(AlertPerson).where(waiting).values(next_at=now))
    return found


def _is_unmanned(session: Session, alert: Alert) -> bool:
    """Tell whether a post has nobody who answered, because those asked cannot come."""
    other = aliased(AlertPerson)
    answered = (
        select(other.id)
        .where(
            other.alert_id == alert.id,
            other.state == ANSWERED,
            or_(other.waits_for == AlertPerson.waits_for, other.waits_for == ANY_POST),
        )
        .exists()
    )
    return _exists(
        session,
        AlertPerson.alert_id == alert.id,
        AlertPerson.state == CANNOT,
        AlertPerson.waits_for.is_not(None),
        AlertPerson.waits_for != ANY_POST,
        ~answered,
    )


def _exists(session: Session, *conditions: ColumnElement[bool]) -> bool:
    return session.scalar(select(AlertPerson.id).where(*conditions).limit(1)) is not None


def _set_state(
    session: Session, alert_id: int, state: str, *conditions: ColumnElement[bool]
) -> None:
    session.execute(
        update(AlertPerson)
        .where(AlertPerson.alert_id == alert_id, AlertPerson.state.in_(OPEN), *conditions)
        .values(state=state, next_at=None)
    )
