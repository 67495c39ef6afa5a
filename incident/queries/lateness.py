"""How late the engine is for what is real: what is due longest, by kind."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from incident.models import (
    Alert,
    AlertPerson,
    Incident,
    IncidentClock,
    OutgoingMessage,
    Receipt,
    Reply,
)
from incident.operations.delivery_states import QUEUED

OLDEST: Mapping[str, Select[Any]] = {
    "message": select(func.min(OutgoingMessage.due_at)).where(
        OutgoingMessage.state == QUEUED, OutgoingMessage.drill.is_(None)
    ),
    "step": select(func.min(AlertPerson.next_at))
    .join(Alert, Alert.id == AlertPerson.alert_id)
    .where(
        Alert.ended_at.is_(None),
        Alert.drill.is_(None),
        AlertPerson.state.in_(("waiting", "called")),
    ),
    "clock": select(func.min(IncidentClock.next_alarm_at))
    .join(Incident, Incident.id == IncidentClock.incident_id)
    .where(
        IncidentClock.satisfied_at.is_(None),
        IncidentClock.advisory.is_(False),
        Incident.drill.is_(None),
    ),
    "receipt": select(func.min(Receipt.came_at)).where(
        Receipt.merged_at.is_(None),
        ~exists().where(OutgoingMessage.code == Receipt.code, OutgoingMessage.drill.is_not(None)),
    ),
    "reply": select(func.min(Reply.came_at)).where(Reply.read_at.is_(None), Reply.drill.is_(False)),
}


def lateness(session: Session, now: datetime) -> Mapping[str, float]:
    """Return by how many seconds the oldest of each kind is overdue, 0 where none is."""
    found = {what: session.scalar(query) for what, query in OLDEST.items()}
    return {
        what: max((now - due) if due else timedelta(0), timedelta(0)).total_seconds()
        for what, due in found.items()
    }
