"""What if a step of an incident had been taken earlier or later: read, computed, never written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.models import Alert, AlertPerson, Incident, IncidentClock
from incident.operations import clocks as watching
from incident.operations.alert_states import ANSWERED
from incident.queries import changes
from incident.queries.dial import Dial
from incident.rulebook import Rulebook
from workflows import ringing, supposing
from workflows.ringing import Answered, Key, Rings
from workflows.supposing import Compared, Shift


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """A step supposed at another time: every clock and every call, before and after."""

    shift: Shift
    clocks: tuple[Compared, ...]
    rings: tuple[Rings, ...]

    @property
    def differs(self) -> int:
        """Return how many clocks and calls would have been otherwise."""
        return sum(one.differs for one in self.clocks) + sum(one.differs for one in self.rings)


def steps(session: Session, incident: Incident, dial: Dial, *, rules: Rulebook) -> tuple[str, ...]:
    """Return the steps that may be supposed otherwise."""
    return supposing.taken(changes.course(session, incident, dial, rules=rules).changes)


def what_if(
    session: Session,
    incident: Incident,
    dial: Dial,
    *,
    step: str,
    by: timedelta,
    along: bool,
    now: datetime,
    rules: Rulebook,
) -> WhatIf:
    """Return what would have been, had a step been taken `by` later; less than nothing is earlier.

    All moments are places on the incident's dial: in a drill, drill time counts. Raise KeyError
    for a step that was not taken.
    """
    course = changes.course(session, incident, dial, rules=rules)
    shift, supposed = supposing.shift(course, step, by, along=along)
    end = dial.counted(now)
    clocks = supposing.compare(course, supposed, calendar=rules.calendar, now=end)
    answered = _answered(session, incident, dial)
    return WhatIf(
        shift=shift,
        clocks=clocks,
        rings=ringing.compare(course, supposed, clocks, answered, now=end),
    )


def _answered(session: Session, incident: Incident, dial: Dial) -> Mapping[Key, Answered]:
    """Return how the calls of an incident were answered, by their key in `ringing`."""
    rows = list(
        session.scalars(select(Alert).where(Alert.incident_id == incident.id).order_by(Alert.id))
    )
    people: dict[int, list[AlertPerson]] = {row.id: [] for row in rows}
    query = select(AlertPerson).where(AlertPerson.incident_id == incident.id)
    for person in session.scalars(query.order_by(AlertPerson.id)):
        people[person.alert_id].append(person)
    places = _places(session, incident)
    count: dict[str, int] = {}
    found = {}
    for row in rows:
        which = places.get(row.reason.rpartition("-")[2]) if row.clock else None
        if which is None:
            which = str(count.get(row.event, 0))
            count[row.event] = count.get(row.event, 0) + 1
        found[row.event, which] = _lasted(row, people[row.id], dial)
    return found


def _places(session: Session, incident: Incident) -> Mapping[str, str]:
    """Return rule and position of each clock by its id, as `ringing` names an overdue call."""
    by_rule: dict[str, list[IncidentClock]] = {}
    for clock in watching.running_or_done(session, incident):
        by_rule.setdefault(clock.rule, []).append(clock)
    return {
        str(clock.id): f"{rule}:{position}"
        for rule, rows in by_rule.items()
        for position, clock in enumerate(sorted(rows, key=lambda row: row.starts_at))
    }


def _lasted(alert: Alert, people: Sequence[AlertPerson], dial: Dial) -> Answered:
    start = dial.counted(alert.started_at)
    tiers: dict[str, timedelta | None] = {}
    for person in people:
        settled = _settled(person, people)
        after = None if settled is None else dial.counted(settled) - start
        known = tiers.get(person.tier, timedelta())
        tiers[person.tier] = None if known is None or after is None else max(known, after)
    was_answered = alert.ended == ANSWERED and alert.ended_at is not None
    ended = dial.counted(alert.ended_at) - start if was_answered and alert.ended_at else None
    return Answered(tiers=tiers, ended=ended)


def _settled(person: AlertPerson, people: Sequence[AlertPerson]) -> datetime | None:
    """Return when somebody was no longer called: his answer, or that of another of his post."""
    moments = [
        one.answered_at
        for one in people
        if one.answered_at is not None
        and (one is person or (one.waits_for is not None and one.waits_for == person.waits_for))
    ]
    return min(moments, default=None)
