"""The engine under load: steps at their time, the next provider, a drill that lets others by."""

import secrets
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from bench import alerts, desks, processes
from bench.desks import Desk
from bench.figures import Figure, Scale, delays
from bench.samples import milliseconds
from incident.db import table
from incident.models import Alert, AlertPerson, Incident, OutgoingMessage
from tests.support.desk import make_incident

SUBJECT = "engine"
LATE_AIM, HAND_OFF_AIM, REAL_AIM = 5.0, 2.0, 2.0  # seconds
WITHIN = 20.0  # seconds in which the steps that are measured come due
PRIORITY_DRILL, PATIENCE = 5, 120.0


def measure(scale: Scale) -> list[Figure]:
    return [
        f
        for dialect in desks.dialects(scale)
        for f in (
            *_lateness(dialect, scale),
            *_hand_off(dialect, scale),
            *_real_beside_drill(dialect, scale),
        )
    ]


def _lateness(dialect: str, scale: Scale) -> list[Figure]:
    """Time from when a step is due to when it is taken, with many more steps to come."""
    future, due = scale.pick(10_000, 200), scale.pick(500, 20)
    with desks.desk(dialect, scale) as desk, desk.gateway(), desk.engine():
        incident = make_incident(desk.services)
        begin = desk.services.now() + timedelta(seconds=5)
        gap = timedelta(seconds=WITHIN / scale.pick(1, 10) / due)
        later = begin + timedelta(days=1)
        moments = [begin + gap * number for number in range(due)] + [later] * (future - due)
        _plan(desk, incident, moments)
        times = _until_taken(desk, due, begin)
    return delays(SUBJECT, f"{dialect}, steps late, {future} to come", times, LATE_AIM)


def _plan(desk: Desk, incident: Incident, moments: Sequence[datetime]) -> None:
    """Insert an alert with one person for each moment at which somebody is to be called."""
    now = desk.services.now()
    policy = {"id": "bench", "basis": "", "confidence": "P", "steps": [], "repeats": 0, "every": 0}
    alert = {
        "incident_id": incident.id,
        "event": "reported",
        "policy": policy,
        "priority": 1,
        "started_at": now,
    }
    with desk.services.transaction() as session:
        user = session.scalars(select(AlertPerson.user_id).limit(1)).one()
        session.execute(
            insert(table(Alert)),
            [alert | {"reason": f"bench:{number}"} for number in range(len(moments))],
        )
        found = select(Alert.id).where(Alert.reason.startswith("bench:")).order_by(Alert.id)
        people = zip(session.scalars(found).all(), moments, strict=True)
        rows = [_person(incident, user, id, at) for id, at in people]
        session.execute(insert(table(AlertPerson)), rows)


def _person(incident: Incident, user: int, alert: int, at: datetime) -> dict[str, Any]:
    return {
        "alert_id": alert,
        "incident_id": incident.id,
        "user_id": user,
        "person": "值班员",
        "post": "bench",
        "tier": "main",
        "why": "role",
        "addresses": {"sms": f"+86100001{alert:06d}"},
        "ladder": [{"at": at.isoformat(), "channels": ["sms"]}],
        "code": secrets.token_hex(1).upper(),
        "state": "waiting",
        "step": 0,
        "next_at": at,
    }


def _until_taken(desk: Desk, count: int, begin: datetime) -> list[float]:
    """Return by how many seconds each step was late, once so many were taken."""
    query = select(AlertPerson.ladder, AlertPerson.called_at).where(
        AlertPerson.post == "bench", AlertPerson.called_at.is_not(None)
    )
    found: list[tuple[list[dict[str, Any]], datetime]] = []

    def all_taken() -> bool:
        with desk.services.reading() as session:
            found[:] = [(ladder, at) for ladder, at in session.execute(query) if at is not None]
        return len(found) >= count

    processes.until(all_taken, f"{count} steps were taken", seconds=PATIENCE)
    return [(at - datetime.fromisoformat(ladder[0]["at"])).total_seconds() for ladder, at in found]


def _hand_off(dialect: str, scale: Scale) -> list[Figure]:
    """Time from the outbox to the second provider, the first of which is dead."""
    with desks.desk(dialect, scale) as desk, desk.gateway() as provider, desk.engine():
        alerts.set_faults(desk, provider, [{"kind": "error", "status": 401, "dialect": "twilio"}])
        begins: list[float] = []
        for _ in range(scale.pick(50, 3)):
            incident, before = make_incident(desk.services), time.monotonic()
            processes.until(
                lambda number=incident.id: _is_accepted(desk, number),
                "the second provider has it",
                seconds=PATIENCE,
            )
            begins.append(time.monotonic() - before)
    return delays(SUBJECT, f"{dialect}, alert to the second provider", begins, HAND_OFF_AIM)


def _is_accepted(desk: Desk, incident: int) -> bool:
    query = select(OutgoingMessage.id).where(
        OutgoingMessage.incident_id == incident, OutgoingMessage.provider_id.is_not(None)
    )
    with desk.services.reading() as session:
        return session.scalar(query.limit(1)) is not None


def _real_beside_drill(dialect: str, scale: Scale) -> list[Figure]:
    """Time to the provider of a real alert that begins while a drill's messages drain."""
    count = scale.pick(2000, 40)
    with desks.desk(dialect, scale) as desk, desk.gateway() as provider:
        alerts.set_faults(desk, provider, [{"kind": "delay", "seconds": 0.02}])
        drill = make_incident(desk.services, drill="YL-1")
        codes = alerts.queue(desk, drill, count, priority=PRIORITY_DRILL)
        with desk.engine():
            alerts.until_taken(desk, codes, count // 20)
            real = make_incident(desk.services)
            before = time.monotonic()
            processes.until(
                lambda: _is_accepted(desk, real.id), "the real alert left", seconds=PATIENCE
            )
            seconds = time.monotonic() - before
            taken = alerts.until_taken(desk, codes, count)
    drained = (max(taken.moments) - min(taken.moments)).total_seconds()
    return [
        Figure(
            subject=SUBJECT,
            name=f"{dialect}, real alert beside a drill of {count}",
            value=milliseconds(seconds),
            unit="ms",
            aim=f"< {REAL_AIM:g} s",
            met=seconds < REAL_AIM,
        ),
        Figure(
            subject=SUBJECT,
            name=f"{dialect}, drill of {count} drained in",
            value=round(drained, 2),
            unit="s",
        ),
    ]
