"""The rows that an alert begins with: itself, and its people with the first step taken."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from incident.models import Alert, AlertPerson, Incident, OutgoingMessage
from incident.operations import calling, codes, inserting
from incident.operations.alert_states import CALLED, WAITING
from incident.operations.drill_time import DrillTime
from incident.operations.inserting import Part, Row
from incident.operations.recipients import Call
from workflows import escalation


def begun(
    incident: Incident,
    event: str,
    call: Call,
    now: datetime,
    time: DrillTime,
    *,
    occasion: str,
    clock: str | None,
) -> Alert:
    """Return the row of an alert that begins now."""
    siren_after = escalation.desk_after(call.policy)
    return Alert(
        reason=f"{incident.number}:{event}:{occasion}",
        incident_id=incident.id,
        event=str(event),
        clock=clock,
        grade=incident.grade,
        policy=escalation.frozen(call.policy),
        drill=incident.drill,
        priority=calling.urgency(incident),
        started_at=now,
        siren_at=None if siren_after is None else time.project(now, now + siren_after),
    )


def called(
    session: Session,
    alert: Alert,
    people: Sequence[dict[str, Any]],
    now: datetime,
    time: DrillTime,
) -> list[AlertPerson]:
    """Return the rows of those whom an alert calls: a code each, and the step that is due taken."""
    telephones = [(one["user_id"], one["addresses"].get("sms")) for one in people]
    chosen = codes.choose(session, alert.reason, telephones) if people else []
    return [
        AlertPerson(**one | _first_step(one, now, time), code=code, incident_id=alert.incident_id)
        for one, code in zip(people, chosen, strict=True)
    ]


def insert(
    session: Session, alert: Alert, people: Sequence[AlertPerson], messages: Sequence[Row]
) -> None:
    """Insert an alert with its people and their messages."""
    places = {one.user_id: place for place, one in enumerate(people, 1)}
    ids = inserting.together(
        session,
        Part(model=Alert, rows=[inserting.row(alert)]),
        Part(model=AlertPerson, rows=list(map(inserting.row, people)), of={"alert_id": Alert}),
        Part(
            model=OutgoingMessage,
            rows=[{**row, "alert_person_id": places[row["user_id"]]} for row in messages],
            of={"alert_person_id": AlertPerson},
        ),
    )
    (alert_id,) = ids[Alert]
    inserting.stored(session, alert, alert_id)


def _first_step(one: Mapping[str, Any], now: datetime, time: DrillTime) -> dict[str, Any]:
    if one["next_at"] > time.moment(now):
        return {"state": WAITING, "step": 0, "called_at": None}
    ladder = one["ladder"]
    following = datetime.fromisoformat(ladder[1]["at"]) if len(ladder) > 1 else None
    return {"state": CALLED, "step": 1, "next_at": following, "called_at": now}
