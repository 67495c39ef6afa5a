"""Start, stop and watch the statutory clocks of an incident."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from incident import words
from incident.db import table
from incident.errors import Conflict, FieldError, InvalidInput
from incident.models import Incident, IncidentClock
from incident.operations import alert_states, pace, pacing, timeline
from incident.operations.drill_time import REAL, DrillTime
from incident.rulebook import Rulebook
from incident.who import Who
from workflows.clocks import ALARMS, DueClock, due
from workflows.facts import FactValue
from workflows.lifecycle import ASIDE, State
from workflows.plan import Grade

MARK = "mark"
TERMINATE = "action:terminate"
OVER = ASIDE | {State.CLOSED}
ENDED = OVER | {State.REVIEWING}
OF_ROUNDS = (  # what the rounds of a repeating duty have in common
    *("incident_id", "rule", "title", "actor", "receiver", "basis", "confidence", "grade"),
    *("satisfied_by", "advisory", "repeat_seconds"),
)
_OF_INCIDENT = select(IncidentClock).where(IncidentClock.incident_id == bindparam("incident"))
_ADD = insert(table(IncidentClock))


def start(
    session: Session,
    incident: Incident,
    *,
    facts: Mapping[str, FactValue],
    now: datetime,
    rules: Rulebook,
) -> None:
    """Start the clocks that the plan demands now; those that run already go on untouched."""
    time = pace.time_of(session, incident.drill)
    there = running_or_done(session, incident)
    found = _demanded(incident, facts, rules, time)
    _add(session, incident, list(_fresh(found, there, now, time)))
    _look_ahead(session, incident)


def first(
    incident: Incident, *, facts: Mapping[str, FactValue], rules: Rulebook, time: DrillTime
) -> list[dict[str, Any]]:
    """Return the rows of the clocks that a new incident begins with, the nearest due first."""
    return [_row(incident, clock) for clock in _demanded(incident, facts, rules, time)]


def nearest(clocks: Iterable[Mapping[str, Any]]) -> datetime | None:
    """Return when the first of some running clocks that act is due."""
    moments = (clock["due_at"] for clock in clocks if not clock["advisory"])
    return min((moment for moment in moments if moment), default=None)


def moments_of(incident: Incident) -> dict[str, datetime]:
    """Return the moments that clocks count from, as far as they are known."""
    filed = {
        "occurred": incident.occurred_at,
        "aware": incident.aware_at,
        "received": incident.received_at,
    }
    taken = {name: datetime.fromisoformat(moment) for name, moment in incident.moments.items()}
    return {name: moment for name, moment in filed.items() if moment is not None} | taken


def running_or_done(session: Session, incident: Incident) -> list[IncidentClock]:
    """Return all clocks of an incident, the nearest due first, those without a number before."""
    rows = session.scalars(_OF_INCIDENT, {"incident": incident.id})
    return sorted(rows, key=lambda c: (c.due_at or c.starts_at, c.id))


def satisfy(session: Session, incident: Incident, how: str, *, at: datetime) -> None:
    """Stop the running clocks that `how` (such as "action:verify") satisfies."""
    time = pace.time_of(session, incident.drill)
    for clock in running_or_done(session, incident):
        if clock.satisfied_at is None and how in clock.satisfied_by:
            _stop(session, incident, clock, how, at, time)
            _end_call(session, incident, clock, at)
    _look_ahead(session, incident)


def move_on(
    session: Session,
    incident: Incident,
    how: str,
    *,
    facts: Mapping[str, FactValue],
    now: datetime,
    rules: Rulebook,
) -> None:
    """Stop the clocks that `how` satisfies, and start those that count from it.

    With the response end the rounds of a repeating duty that are not due yet.
    """
    time = pace.time_of(session, incident.drill)
    for clock in running_or_done(session, incident):
        if clock.satisfied_at is None and how in clock.satisfied_by:
            _stop(session, incident, clock, how, now, time)
            _end_call(session, incident, clock, now)
        elif how == TERMINATE and clock.repeat_seconds and _runs(clock, time.moment(now)):
            session.delete(clock)
    start(session, incident, facts=facts, now=now, rules=rules)


def mark(
    session: Session,
    incident: Incident,
    clock_id: int,
    *,
    at: datetime | None,
    note: str,
    who: Who,
    now: datetime,
) -> IncidentClock:
    """Stop a clock by hand, saying how it was kept; `at` is when, `now` unless told."""
    clock = session.get(IncidentClock, clock_id)
    if clock is None or clock.incident_id != incident.id:
        raise InvalidInput([FieldError("clock", "no-such-clock")])
    if clock.satisfied_at is not None:
        raise Conflict("clock-stopped")
    if at and at > now:
        raise InvalidInput([FieldError("at", "in-future")])
    clock.note = note
    _stop(session, incident, clock, MARK, at or now, pace.time_of(session, incident.drill))
    _end_call(session, incident, clock, now)
    _look_ahead(session, incident)
    timeline.write(
        session,
        incident,
        "clock_kept",
        who=who,
        now=now,
        at=at,
        words_for={"title": clock.title, "note": note},
        data={"clock": clock.id, "rule": clock.rule, "late": is_late(clock, now)},
    )
    return clock


def is_late(clock: IncidentClock, now: datetime) -> bool:
    """Tell whether a clock was or is overdue; one without a number never is."""
    return clock.due_at is not None and (clock.satisfied_at or now) > clock.due_at


def state(clock: IncidentClock, now: datetime, time: DrillTime = REAL) -> str:
    """Return running, near, overdue, done or late; `at_once` for one without a number.

    `time` is the clock that the incident goes by.
    """
    if clock.satisfied_at is not None:
        return "late" if is_late(clock, now) else "done"
    return running_state(clock.starts_at, clock.due_at, now, time)


def running_state(
    starts_at: datetime, due_at: datetime | None, now: datetime, time: DrillTime = REAL
) -> str:
    """Return the state of a clock that nothing stopped."""
    if due_at is None:
        return "at_once"
    left = time.left(due_at, now)
    if left < timedelta():
        return "overdue"
    return "near" if left * 4 <= time.going.between(starts_at, due_at) else "running"


def _runs(clock: IncidentClock, now: datetime) -> bool:
    return clock.satisfied_at is None and not is_late(clock, now)


def _stop(
    session: Session,
    incident: Incident,
    clock: IncidentClock,
    how: str,
    at: datetime,
    time: DrillTime,
) -> None:
    clock.satisfied_at, clock.satisfied_how, clock.next_alarm_at = at, how, None
    clock.due_at = clock.due_at and clock.due_at + time.stood(at)
    if clock.repeat_seconds and incident.state not in ENDED:
        session.add(_next_round(clock, at, time))


def _end_call(session: Session, incident: Incident, clock: IncidentClock, now: datetime) -> None:
    """End the call that a clock made when it was overdue: what it called for is done."""
    if clock.due_at is not None and clock.due_at <= now:
        alert_states.end_overdue(session, incident, clock.id, now)


def _next_round(clock: IncidentClock, at: datetime, time: DrillTime) -> IncidentClock:
    """Return the clock of the next round of a repeating duty, from the report just made."""
    length = timedelta(seconds=clock.repeat_seconds or 0)
    alarms = [time.project(at, at + length * part) for part in ALARMS]
    return IncidentClock(
        **{name: getattr(clock, name) for name in OF_ROUNDS},
        starts_at=at,
        due_at=time.project(at, at + length),
        alarms=[moment.isoformat() for moment in alarms],
        next_alarm_at=None if clock.advisory else alarms[0],
    )


def _demanded(
    incident: Incident, facts: Mapping[str, FactValue], rules: Rulebook, time: DrillTime
) -> tuple[DueClock, ...]:
    found = due(
        rules.library.plan(incident.plan),
        kind=incident.kind,
        grade=Grade(incident.grade) if incident.grade in set(Grade) else None,
        moments=moments_of(incident),
        setting=incident.setting,
        calendar=rules.calendar,
        facts=facts,
    )
    ended = incident.state in ENDED
    return tuple(pacing.paced(clock, time) for clock in found if not (ended and clock.repeats))


def _fresh(
    found: Iterable[DueClock], there: Sequence[IncidentClock], now: datetime, time: DrillTime
) -> Iterator[DueClock]:
    """Yield what does not run yet; a rule with the same start is the same clock.

    Of a repeating duty one round runs at a time. One that begins late, by a new grade or a
    reopening, counts from now: nobody was late before it was owed.
    """
    known = {(clock.rule, clock.starts_at) for clock in there}
    running = {clock.rule for clock in there if clock.satisfied_at is None}
    for clock in found:
        is_known = (clock.rule, clock.starts_at) in known
        if clock.repeats is None:
            if not is_known:
                yield clock
        elif clock.rule not in running:
            is_past = clock.due_at is not None and clock.due_at <= time.moment(now)
            anew = is_known or is_past
            yield _from(now, clock, clock.repeats, time) if anew else clock


def _from(now: datetime, clock: DueClock, length: timedelta, time: DrillTime) -> DueClock:
    alarms = tuple(now + length * part for part in ALARMS)
    begun = replace(clock, starts_at=now, due_at=now + length, alarms=alarms)
    return pacing.paced(begun, time)


def _add(session: Session, incident: Incident, clocks: Sequence[DueClock]) -> None:
    if clocks:
        of = {"incident_id": incident.id}
        session.execute(_ADD, [of | _row(incident, clock) for clock in clocks])


def _row(incident: Incident, clock: DueClock) -> dict[str, Any]:
    alarm = clock.alarms[0] if clock.alarms else clock.due_at
    return {
        "rule": clock.rule,
        "title": clock.title,
        "actor": clock.actor,
        "receiver": clock.receiver,
        "basis": clock.basis,
        "confidence": str(clock.confidence),
        "grade": incident.grade,
        "starts_at": clock.starts_at,
        "due_at": clock.due_at,
        "alarms": [moment.isoformat() for moment in clock.alarms],
        "next_alarm_at": None if clock.advisory else alarm,
        "satisfied_by": list(clock.satisfied_by),
        "advisory": clock.advisory,
        "note": words.label("common", "beyond_calendar") if clock.beyond_calendar else None,
        "repeat_seconds": int(clock.repeats.total_seconds()) if clock.repeats else None,
    }


def _look_ahead(session: Session, incident: Incident) -> None:
    """Keep the nearest due moment on the incident, so that the desk can sort by it.

    An incident that is over, or went elsewhere, waits for nothing.
    """
    if incident.state in OVER:
        incident.next_due_at = None
        return
    session.flush()
    open_ones = (
        clock.due_at
        for clock in running_or_done(session, incident)
        if clock.satisfied_at is None and not clock.advisory
    )
    incident.next_due_at = min((moment for moment in open_ones if moment), default=None)
