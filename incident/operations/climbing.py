"""Let alerts climb: the next step of each ladder that is due, the siren, the reminders."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident import words
from incident.crashpoints import crashpoint
from incident.models import Alert, AlertPerson, Incident
from incident.operations import calling, facts, folding, halts, invariants, pace, timeline
from incident.operations.alert_states import ANSWERED, CALLED, OPEN
from incident.rulebook import Rulebook
from incident.who import DESK
from notifications.text import Purpose
from workflows.lifecycle import State
from workflows.plan import ChannelName, Tier

NAMED = 5  # of those who have not answered, in an entry


def due(session: Session, now: datetime, *, limit: int) -> list[int]:
    """Return the ids of the people whose next step has come, the most urgent alerts first."""
    found = (
        select(AlertPerson.id)
        .join(Alert, Alert.id == AlertPerson.alert_id)
        .where(
            AlertPerson.state.in_(OPEN),
            AlertPerson.next_at <= now,
            halts.runs(AlertPerson.incident_id),
            pace.goes(Alert.drill),
        )
        .order_by(Alert.priority, AlertPerson.next_at, AlertPerson.id)
    )
    return list(session.scalars(found.limit(limit)))


def climb(session: Session, ids: Sequence[int], *, now: datetime, rules: Rulebook) -> int:
    """Take the next step of these people's ladders; return how many were called.

    What the engine slept through is taken as one step: each channel once. Who has answered
    meanwhile is passed over.
    """
    people = session.scalars(
        select(AlertPerson)
        .where(
            AlertPerson.id.in_(ids),
            AlertPerson.state.in_(OPEN),
            AlertPerson.next_at <= now,
            pace.incident_goes(AlertPerson.incident_id),
        )
        .order_by(AlertPerson.id)
        .with_for_update(skip_locked=True)
    ).all()
    for alert, of_alert in _by_alert(session, people):
        on = occasion(session, alert, rules=rules)
        invariants.check(session, on.incident)
        for one in of_alert:
            if one.step == 0 and one.tier != Tier.MAIN:
                _tell(session, on.incident, one, now)
        taken = [(one, _take(one, now)) for one in of_alert]
        steps = [(one, one.step - 1, channels) for one, channels in taken]
        crashpoint("climb.before_queue")
        folding.queue(session, calling.rows(on, steps, now=now), now=now, is_first=False)
    return len(people)


def sirens(session: Session, now: datetime) -> list[int]:
    """Return the ids of alerts whose siren is to begin."""
    found = select(Alert.id).where(
        Alert.ended_at.is_(None),
        Alert.sirened_at.is_(None),
        Alert.siren_at <= now,
        pace.goes(Alert.drill),
    )
    return list(session.scalars(found.order_by(Alert.priority, Alert.siren_at)))


def sound(session: Session, alert_id: int, now: datetime) -> None:
    """Begin the siren of the desk, and say who has not answered: from now on people ring."""
    alert = session.scalars(select(Alert).where(Alert.id == alert_id).with_for_update()).one()
    if alert.ended_at is not None or alert.sirened_at is not None:
        return
    alert.sirened_at = now
    silent = session.scalars(
        select(AlertPerson.person)
        .where(AlertPerson.alert_id == alert.id, AlertPerson.state.in_(OPEN))
        .order_by(AlertPerson.id)
    ).all()
    timeline.write(
        session,
        session.get_one(Incident, alert.incident_id),
        "alert_unanswered",
        who=DESK,
        now=now,
        words_for={
            "event": words.label("alert_events", alert.event),
            "count": len(silent),
            "people": words.label("common", "between").join(silent[:NAMED]),
        },
        data={"alert": alert.id, "count": len(silent)},
    )


def reminders(session: Session, now: datetime, *, limit: int) -> list[int]:
    """Return the ids of the people whose "received" is no longer believed."""
    found = select(AlertPerson.id).where(
        AlertPerson.remind_at <= now, pace.incident_goes(AlertPerson.incident_id)
    )
    return list(session.scalars(found.order_by(AlertPerson.remind_at).limit(limit)))


def remind(session: Session, ids: Sequence[int], *, now: datetime, rules: Rulebook) -> None:
    """Remind those who answered "received" to a call for a response and have not set out.

    What decays is the belief that they come, not the answer itself: nobody else is called for
    it. It decays once, and only while the incident is still in the response that called them.
    """
    people = session.scalars(
        select(AlertPerson)
        .where(
            AlertPerson.id.in_(ids),
            AlertPerson.remind_at <= now,
            pace.incident_goes(AlertPerson.incident_id),
        )
        .order_by(AlertPerson.id)
        .with_for_update(skip_locked=True)
    ).all()
    for alert, of_alert in _by_alert(session, people):
        on = occasion(session, alert, rules=rules, purpose=Purpose.REMINDER)
        waits = on.incident.state == State.RESPONDING
        for one in of_alert:
            one.remind_at = None
            if waits and one.state == ANSWERED:
                _remind(session, on, one, now)


def occasion(
    session: Session, alert: Alert, *, rules: Rulebook, purpose: Purpose | None = None
) -> calling.Occasion:
    """Return what a call says as the incident now stands."""
    incident = session.get_one(Incident, alert.incident_id)
    return calling.Occasion(
        incident=incident,
        purpose=purpose or Purpose(alert.event),
        reason=alert.reason,
        facts=facts.current(session, incident.id),
        rules=rules,
        clock=alert.clock,
    )


def _by_alert(
    session: Session, people: Sequence[AlertPerson]
) -> Iterable[tuple[Alert, list[AlertPerson]]]:
    ids = {one.alert_id for one in people}
    alerts = session.scalars(
        select(Alert).where(Alert.id.in_(ids)).order_by(Alert.priority, Alert.id)
    )
    for alert in alerts:
        yield alert, [one for one in people if one.alert_id == alert.id]


def _take(person: AlertPerson, now: datetime) -> list[str]:
    """Move a person up his ladder; return the channels by which he is called now."""
    late = [
        position
        for position, step in enumerate(person.ladder)
        if position > person.step and datetime.fromisoformat(step["at"]) <= now
    ]
    following = (late[-1] if late else person.step) + 1
    taken = person.ladder[person.step : following]
    person.state, person.step = CALLED, following
    person.called_at = person.called_at or now
    rest = person.ladder[following:]
    person.next_at = datetime.fromisoformat(rest[0]["at"]) if rest else None
    return list(dict.fromkeys(channel for step in taken for channel in step["channels"]))


def _tell(session: Session, incident: Incident, person: AlertPerson, now: datetime) -> None:
    """Say that the alert has come to a stand-in or to the leader."""
    timeline.write(
        session,
        incident,
        "alert_climbed",
        who=DESK,
        now=now,
        words_for={"person": person.person, "tier": words.label("tiers", person.tier)},
        data={"alert": person.alert_id, "person": person.id, "tier": person.tier},
    )


def _remind(session: Session, on: calling.Occasion, person: AlertPerson, now: datetime) -> None:
    drill = on.incident.drill is not None
    priority = calling.PRIORITY_DRILL if drill else calling.PRIORITY_REMINDER
    steps = [(person, len(person.ladder), [ChannelName.SMS])]
    rows = calling.rows(on, steps, now=now, priority=priority)
    folding.queue(session, [row | {"step": None} for row in rows], now=now, is_first=False)
    timeline.write(
        session,
        on.incident,
        "alert_reminded",
        who=DESK,
        now=now,
        words_for={"person": person.person},
        data={"alert": person.alert_id, "person": person.id},
    )
