"""Tell the owner of an instruction of it, and remind him until it is done."""

import secrets
from datetime import datetime

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

from incident.db import table
from incident.models import Incident, Instruction, OutgoingMessage, Task, User
from incident.operations import calling, clocks, facts, pace, tasks, timeline
from incident.operations.drill_time import REAL, DrillTime
from incident.operations.oncall import addresses, on_call
from incident.rulebook import Rulebook
from incident.who import DESK
from notifications.text import Purpose, segments
from workflows import chasing
from workflows.lifecycle import Role
from workflows.rotation import Tier

GIVEN, CHASED = Purpose.INSTRUCTED, Purpose.CHASED
CHANNELS = ("sms", "mail")


def to_chase(session: Session, now: datetime, *, limit: int) -> list[tuple[str, str]]:
    """Return (incident, instruction), by number, of those whose owners are to be reminded."""
    rows = session.execute(
        select(
            Incident.number,
            Instruction.number,
            Instruction.drill,
            Instruction.given_at,
            Task.due_at,
            Instruction.reminded_at,
        )
        .join(Task, Task.id == Instruction.task_id)
        .join(Incident, Incident.id == Instruction.incident_id)
        .where(
            Instruction.closed_at.is_(None),
            Task.status.in_([tasks.OPEN, tasks.STARTED]),
            Incident.state.not_in(clocks.OVER),
            or_(Instruction.reminded_at.is_(None), Instruction.reminded_at < now),
            pace.goes(Instruction.drill),
        )
        .order_by(Instruction.id)
    ).all()
    times = pace.of_all(session, {row.drill for row in rows if row.drill is not None})
    found = [
        (of, number)
        for of, number, drill, given_at, due_at, reminded_at in rows
        if _is_due(given_at, due_at, reminded_at, now, times.get(drill or "", REAL))
    ]
    return found[:limit]


def chase(
    session: Session, incident: Incident, given: Instruction, *, now: datetime, rules: Rulebook
) -> bool:
    """催办: remind the owner once, of however many moments have passed; False when none has."""
    task = session.get_one(Task, given.task_id)
    open_still = task.status in (tasks.OPEN, tasks.STARTED) and given.closed_at is None
    time = pace.time_of(session, incident.drill)
    waits = open_still and (time is REAL or not time.stands)
    if not waits or not _is_due(given.given_at, task.due_at, given.reminded_at, now, time):
        return False
    given.reminded_at, given.reminders = now, given.reminders + 1
    told = send(
        session, incident, given, task, CHASED, occasion=given.reminders, now=now, rules=rules
    )
    timeline.write(
        session,
        incident,
        "instruction_chased",
        who=DESK,
        now=now,
        words_for={"number": given.number, "times": given.reminders, "owner": "、".join(told)},
        data={"instruction": given.number, "task": task.id, "times": given.reminders},
    )
    return True


def send(
    session: Session,
    incident: Incident,
    given: Instruction,
    task: Task,
    purpose: Purpose,
    *,
    occasion: int,
    now: datetime,
    rules: Rulebook,
) -> list[str]:
    """Queue a message to the owner; return whom it goes to.

    One without an owner goes to the officer on duty, who is to find one. `occasion` tells one
    message of a purpose from the next.
    """
    on = calling.Occasion(
        incident=incident,
        purpose=purpose,
        reason=f"{given.number}:{purpose}:{occasion}",
        facts=facts.current(session, incident.id),
        rules=rules,
        clock=given.number,
    )
    body = calling.text(on)
    rows = [
        calling.common(incident, now, priority=_priority(incident, purpose))
        | {
            "code": secrets.token_hex(12),
            "reason": f"{on.reason}:{user_id}",
            "user_id": user_id,
            "person": person,
            "address": ways[channel],
            "channel": channel,
            "body": body,
            "segments": segments(body).count,
        }
        for user_id, person, ways in _recipients(session, task, now, rules)
        for channel in [name for name in CHANNELS if name in ways][:1]
    ]
    if rows:
        session.execute(insert(table(OutgoingMessage)), rows)
    return [row["person"] for row in rows]


def _is_due(
    given_at: datetime,
    due_at: datetime | None,
    reminded_at: datetime | None,
    now: datetime,
    time: DrillTime,
) -> bool:
    """Tell whether a reminder is due, as the clock goes that the incident goes by."""
    return chasing.is_due(
        time.told(given_at),
        due_at and time.told(due_at),
        reminded_at and time.told(reminded_at),
        time.told(now),
    )


def _priority(incident: Incident, purpose: Purpose) -> int:
    real = calling.PRIORITY_REMINDER if purpose is CHASED else calling.PRIORITY_REAL
    return calling.PRIORITY_DRILL if incident.drill else real


def _recipients(
    session: Session, task: Task, now: datetime, rules: Rulebook
) -> list[tuple[int, str, dict[str, str]]]:
    owner = session.get(User, task.owner_id) if task.owner_id else None
    if owner is not None and owner.disabled_at is None:
        return [(owner.id, owner.display, addresses(owner))]
    return [
        (one.user_id, one.person, one.addresses)
        for one in on_call(session, Role.DUTY_OFFICER, now, rules=rules)
        if one.tier == Tier.MAIN
    ]
