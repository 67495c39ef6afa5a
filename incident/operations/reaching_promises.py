"""What is promised to the people of an alert: nobody's ladder stops, no message ends in silence."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from incident.models import Alert, AlertPerson, OutgoingMessage
from incident.operations import halts
from incident.operations.delivery_states import FAILED, HELD, OPEN, SILENT

STEP = timedelta(minutes=1)
END = timedelta(minutes=15)
LOOKED_AT = timedelta(hours=24)
PLANNED = timedelta(minutes=5)  # what is queued for later than this waits on purpose
TELL_ARRIVAL = ("sms", "voice")  # channels whose providers say whether a message arrived
REAL_CLASSES = 2


def people(session: Session, now: datetime) -> Mapping[str, Any]:
    """Count steps that were not taken, sirens that did not sound, and people left unreached."""
    steps = _people_count(session, _tried_late(now))
    unreached = _people_count(session, _left(now))
    late = and_(
        Alert.ended_at.is_(None),
        Alert.drill.is_(None),
        Alert.sirened_at.is_(None),
        Alert.siren_at < now - STEP,
    )
    sirens = session.scalar(select(func.count()).select_from(Alert).where(late)) or 0
    return {
        "count": steps + unreached + sirens,
        "steps": steps,
        "unreached": unreached,
        "sirens": sirens,
    }


def endings(session: Session, now: datetime) -> Mapping[str, Any]:
    """Count messages of the last day that have no end, or failed with nobody tried after them."""
    old = and_(
        OutgoingMessage.drill.is_(None),
        OutgoingMessage.priority <= REAL_CLASSES,
        OutgoingMessage.created_at < now - END,
        OutgoingMessage.created_at > now - LOOKED_AT,
    )
    silent = _message_count(session, old, _has_no_end(now), ~_is_superseded(now))
    dropped = _message_count(session, old, _was_dropped(), ~_is_superseded(now))
    return {"count": silent + dropped, "silent": silent, "dropped": dropped}


def _people_count(session: Session, condition: ColumnElement[bool]) -> int:
    query = (
        select(func.count())
        .select_from(AlertPerson)
        .join(Alert, Alert.id == AlertPerson.alert_id)
        .where(
            Alert.ended_at.is_(None),
            Alert.drill.is_(None),
            AlertPerson.state.in_(("waiting", "called")),
            halts.runs(AlertPerson.incident_id),
            condition,
        )
    )
    return session.scalar(query) or 0


def _tried_late(now: datetime) -> ColumnElement[bool]:
    return AlertPerson.next_at < now - STEP


def _left(now: datetime) -> ColumnElement[bool]:
    """Called, not known to be reached, and nothing more will be tried; the siren never came."""
    return and_(
        AlertPerson.called_at < now - END,
        AlertPerson.delivered_at.is_(None),
        AlertPerson.read_at.is_(None),
        AlertPerson.next_at.is_(None),
        Alert.sirened_at.is_(None),
    )


def _message_count(session: Session, *conditions: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(OutgoingMessage).where(*conditions)
    return session.scalar(query) or 0


def _has_no_end(now: datetime) -> ColumnElement[bool]:
    planned = and_(OutgoingMessage.state == "queued", OutgoingMessage.due_at > now + PLANNED)
    unsent = and_(OutgoingMessage.state.in_((HELD, *OPEN)), ~planned)
    untold = and_(OutgoingMessage.state.in_(SILENT), OutgoingMessage.channel.in_(TELL_ARRIVAL))
    return or_(unsent, untold)


def _was_dropped() -> ColumnElement[bool]:
    """It failed, and it belongs to somebody whom an alert must reach."""
    return and_(OutgoingMessage.state.in_(FAILED), OutgoingMessage.alert_person_id.is_not(None))


def _is_superseded(now: datetime) -> ColumnElement[bool]:
    """Its person answered, its alert is over, or something was or will be tried after it."""
    person, alert, later = aliased(AlertPerson), aliased(Alert), aliased(OutgoingMessage)
    settled = exists(
        select(person.id)
        .join(alert, alert.id == person.alert_id)
        .where(
            person.id == OutgoingMessage.alert_person_id,
            or_(
                person.state.not_in(("waiting", "called")),
                person.next_at >= now - STEP,
                alert.ended_at.is_not(None),
                alert.sirened_at.is_not(None),
            ),
        )
    )
    followed = exists(
        select(later.id).where(
            later.alert_person_id == OutgoingMessage.alert_person_id,
            later.id > OutgoingMessage.id,
        )
    )
    return or_(settled, followed)
