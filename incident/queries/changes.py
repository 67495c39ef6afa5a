"""What became known of an incident, and when: the course that replays and suppositions go by."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.models import Entry, Incident, IncidentClock
from incident.operations import clocks, facts
from incident.operations.moments import TOLD
from incident.operations.steps import MOMENTS
from incident.queries.dial import Dial
from incident.rulebook import Rulebook
from workflows import retracing
from workflows.lifecycle import Action
from workflows.retracing import Change
from workflows.supposing import Course

ISSUED, TASK_DONE = "briefing_issued", "task_done"
Key = tuple[str, datetime]


def course(session: Session, incident: Incident, dial: Dial, *, rules: Rulebook) -> Course:
    """Return the course of an incident, its moments on its own scale."""
    changes = (*_of_facts(session, incident, dial), *_of_entries(session, incident, dial))
    filed = {
        name: dial.counted(moment)
        for name, moment in clocks.moments_of(incident).items()
        if name not in incident.moments
    }
    found = Course(
        plan=rules.library.plan(incident.plan),
        kind=incident.kind,
        filed=filed,
        changes=tuple(sorted(changes, key=lambda change: change.at)),
        marked={},
    )
    return _with_clocks(session, incident, dial, found, rules)


def since(found: Course, rules: Rulebook) -> Mapping[Key, datetime]:
    """Return since when each clock has been owed, by its rule and start."""
    told = retracing.situations(found.filed, found.changes)
    ran = retracing.retrace(found.plan, found.kind, told, rules.calendar)
    return {one.key: one.since for one in ran}


def _with_clocks(
    session: Session, incident: Incident, dial: Dial, found: Course, rules: Rulebook
) -> Course:
    """Add what only the stored clocks tell: marks by hand, and which were taken back."""
    stored = clocks.running_or_done(session, incident)
    keys = {_key(clock, dial): clock for clock in stored}
    marked = {
        key: dial.counted(clock.satisfied_at)
        for key, clock in keys.items()
        if clock.satisfied_at is not None and clock.satisfied_how == clocks.MARK
    }
    repeating = {clock.id for clock in found.plan.clocks if clock.repeats}
    never = {key for key in since(found, rules) if key not in keys and key[0] not in repeating}
    return Course(
        plan=found.plan,
        kind=found.kind,
        filed=found.filed,
        changes=found.changes,
        marked=marked,
        never=frozenset(never),
    )


def _key(clock: IncidentClock, dial: Dial) -> Key:
    return (clock.rule, dial.counted(clock.starts_at))


def _of_facts(session: Session, incident: Incident, dial: Dial) -> Iterator[Change]:
    """Yield what was known after each time that something was entered."""
    rows = facts.series(session, incident.id)
    for entered_at in sorted({row.entered_at for row in rows}):
        known = facts.known_at(row for row in rows if row.entered_at <= entered_at)
        yield Change(
            at=dial.counted(entered_at), facts=facts.for_rules(known), told=_told(known, dial)
        )


def _told(known: Mapping[str, Any], dial: Dial) -> dict[str, datetime]:
    return {
        base: dial.counted(datetime.fromisoformat(known[name]))
        for name, base in TOLD.items()
        if name in known
    }


def _of_entries(session: Session, incident: Incident, dial: Dial) -> Iterator[Change]:
    query = select(Entry).where(
        Entry.incident_id == incident.id,
        Entry.type.in_([*Action, TASK_DONE, ISSUED]),
    )
    for entry in session.scalars(query.order_by(Entry.seq)):
        at = dial.counted(entry.entered_at)
        if entry.type == TASK_DONE and entry.data.get("measure"):
            how = f"task:{entry.data['measure']}"
            yield Change(at=at, how=how, sets=how)
        elif entry.type == ISSUED:
            yield Change(at=at, how=f"briefing:{entry.data.get('kind')}")
        elif entry.type in set(Action):
            yield _step(entry, at)


def _step(entry: Entry, at: datetime) -> Change:
    action = Action(entry.type)
    is_grade = action in (Action.APPROVE_GRADE, Action.REGRADE)
    return Change(
        at=at,
        how=f"action:{action}",
        sets=MOMENTS.get(action),
        state=entry.data.get("to"),
        grade=entry.data.get("grade") if is_grade else None,
    )
