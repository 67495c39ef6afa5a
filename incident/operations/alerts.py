"""Alerts: begin one with everything frozen, take in answers, end it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from incident import words
from incident.models import Alert, AlertPerson, Incident, ManualCall
from incident.operations import (
    alert_rows,
    alert_states,
    calling,
    folding,
    pace,
    recipients,
    timeline,
)
from incident.operations.alert_states import ANSWERED, CALLED, CANNOT, OPEN, SUPERSEDED
from incident.operations.drill_time import DrillTime
from incident.rulebook import Rulebook
from incident.who import DESK, Who
from notifications.text import Purpose
from workflows.plan import CalloutEvent

RECEIVED, UNDER_WAY = "received", "under_way"
ANSWERS = (RECEIVED, UNDER_WAY, CANNOT)
# What calls for a response: the newest call counts, and "received" is not yet "under way".
RESPONSE = frozenset({Purpose.ACTIVATED, Purpose.REGRADED, Purpose.REOPENED})
FRESH = frozenset({Purpose.REPORTED, *RESPONSE})  # whose first texts are never held back


def start(
    session: Session,
    incident: Incident,
    event: str,
    *,
    facts: Mapping[str, Any],
    rules: Rulebook,
    now: datetime,
    occasion: str = "",
    clock: str | None = None,
) -> Alert | None:
    """Begin to call the people whom the plan wants on an event; None where it wants nobody.

    Policy, roster and recipients are frozen, and the first step is queued, in this transaction.
    `occasion` tells one event of a kind from the next, so that nobody is called twice for one
    and nobody misses the next. `clock` is the title of a clock that is overdue. A call for a
    response takes the place of those before it: a raise of the grade asks everybody anew.
    """
    named = CalloutEvent.ACTIVATED if event == Purpose.REOPENED else CalloutEvent(event)
    call = recipients.demanded(incident, named, rules=rules)
    if not call.roles:
        return None
    if event in RESPONSE:
        alert_states.end_open(session, incident, SUPERSEDED, now, events=FRESH)
    time = pace.time_of(session, incident.drill)
    people = recipients.freeze(session, call, now=now, rules=rules, time=time)
    alert = alert_rows.begun(incident, event, call, now, time, occasion=occasion, clock=clock)
    if not people:
        alert.siren_at = time.moment(now)
    called = alert_rows.called(session, alert, people, now, time)
    on = calling.Occasion(
        incident=incident,
        purpose=Purpose(event),
        reason=alert.reason,
        facts=facts,
        rules=rules,
        clock=clock,
    )
    steps = [(one, 0, one.ladder[0]["channels"]) for one in called if one.step]
    messages = calling.rows(on, steps, now=now)
    folding.place(session, messages, now=now, is_first=event in FRESH)
    alert_rows.insert(session, alert, called, messages)
    _tell_start(session, incident, alert, called, now, time)
    return alert


def answer(
    session: Session,
    person: AlertPerson,
    answer: str,
    *,
    by: str,
    now: datetime,
    note: str | None = None,
    who: Who | None = None,
) -> bool:
    """Take in what a person answers; False when the alert was over and it changes nothing.

    In one transaction: his state, the entry, the messages that need not leave any more, those
    whom his answer spares, and the end of the alert when nothing is open. `cannot` calls his
    stand-in at once, failing that the leader, failing that the desk. Whoever answered may
    answer otherwise later, also after everybody has. `who` is somebody else who says it for him.
    """
    alert = session.scalars(
        select(Alert).where(Alert.id == person.alert_id).with_for_update()
    ).one()
    session.refresh(person)
    time = pace.time_of(session, alert.drill)
    if alert.ended not in (None, ANSWERED):
        return False
    person.state = CANNOT if answer == CANNOT else ANSWERED
    person.answer, person.answered_at, person.answered_by = answer, now, by
    person.next_at, person.remind_at = None, _remind_at(alert, answer, now, time)
    _tell_answer(session, person, by=by, now=now, note=note, who=who)
    session.flush()
    if answer == CANNOT:
        alert_states.hand_on(session, alert, person, time.moment(now))
    else:
        alert_states.spare(session, person)
    alert_states.withdraw(session, alert, now)
    if alert.ended_at is None and not alert_states.is_open(session, alert):
        alert_states.end(session, alert, ANSWERED, now)
    return True


def log_call(
    session: Session,
    person: AlertPerson,
    result: str,
    *,
    who: Who,
    now: datetime,
    note: str | None = None,
    said: str = RECEIVED,
) -> None:
    """电话已通知: write down a telephone call made by hand; one that was answered is a delivery.

    `result` is answered, no_answer, busy or wrong_number; `said` what the person answered.
    """
    session.add(
        ManualCall(
            alert_person_id=person.id, caller_id=who.person, result=result, note=note, at=now
        )
    )
    told = {"person": person.person, "result": words.label("call_results", result)}
    timeline.write(
        session,
        session.get_one(Incident, person.incident_id),
        "call_logged",
        who=who,
        now=now,
        words_for=told | {"note": note or ""},
        data={"alert": person.alert_id, "person": person.id, "result": result},
    )
    if result == ANSWERED:
        person.delivered_at = person.delivered_at or now
        answer(session, person, said, by="call", now=now, note=note, who=who)


def mark_read(session: Session, person: AlertPerson, *, now: datetime) -> None:
    """已阅: the person has seen it; this is no answer, and nothing stops for it."""
    person.read_at = person.read_at or now


def acted(
    session: Session,
    incident: Incident,
    who: Who,
    now: datetime,
    *,
    said: str = RECEIVED,
    note: str | None = None,
) -> None:
    """Take what somebody who is called does on a page for his answer; a step says that he knows.

    What he answered before changes only by what says more than "received".
    """
    states = OPEN if said == RECEIVED else (*OPEN, ANSWERED, CANNOT)
    for person in _of(session, incident, who, states):
        answer(session, person, said, by="page", now=now, note=note, who=who)


def open_of(session: Session, incident: Incident, who: Who) -> list[AlertPerson]:
    """Return where a person is still being called for an incident."""
    return _of(session, incident, who, OPEN)


def end_all(session: Session, incident: Incident, how: str, now: datetime) -> None:
    """End every alert of an incident, and the reminders of those that were answered."""
    alert_states.end_open(session, incident, how, now)
    session.execute(
        update(AlertPerson)
        .where(AlertPerson.incident_id == incident.id, AlertPerson.remind_at.is_not(None))
        .values(remind_at=None)
    )


def _of(session: Session, incident: Incident, who: Who, states: Sequence[str]) -> list[AlertPerson]:
    query = select(AlertPerson).where(
        AlertPerson.incident_id == incident.id,
        AlertPerson.user_id == who.id,
        AlertPerson.state.in_(states),
    )
    return list(session.scalars(query.order_by(AlertPerson.id)))


def _tell_start(
    session: Session,
    incident: Incident,
    alert: Alert,
    called: Sequence[AlertPerson],
    now: datetime,
    time: DrillTime,
) -> None:
    first = [one.person for one in called if one.state == CALLED]
    siren = alert.siren_at and int(time.left(alert.siren_at, now).total_seconds() // 60)
    told = {
        "event": words.label("alert_events", alert.event),
        "first": len(first),
        "later": len(called) - len(first),
        "minutes": siren if siren is not None else words.label("common", "unknown"),
    }
    timeline.write(
        session,
        incident,
        "alert_started",
        who=DESK,
        now=now,
        words_for=told,
        data={"alert": alert.id, "policy": alert.policy["id"], "people": len(called)},
    )


def _remind_at(alert: Alert, answer: str, now: datetime, time: DrillTime) -> datetime | None:
    """Return when "received" is no longer enough of an answer: see climbing.remind."""
    remind = alert.policy.get("remind")
    if not remind or answer != RECEIVED or alert.event not in RESPONSE:
        return None
    return time.project(now, now + timedelta(seconds=remind))


def _tell_answer(
    session: Session,
    person: AlertPerson,
    *,
    by: str,
    now: datetime,
    note: str | None,
    who: Who | None,
) -> None:
    """Write the entry of an answer, under the name of whoever gave or brought it."""
    timeline.write(
        session,
        session.get_one(Incident, person.incident_id),
        "alert_answered",
        who=who or Who(id=person.user_id, display=person.person),
        now=now,
        words_for={
            "person": person.person,
            "answer": words.label("answer_words", person.answer),
            "by": words.label("answered_by", by),
            "note": note or "",
        },
        data={"alert": person.alert_id, "person": person.id, "answer": person.answer, "by": by},
    )
