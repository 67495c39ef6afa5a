"""What one watch hands to the next, written by itself: every open matter, each once."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from incident import words
from incident.models import (
    AlertPerson,
    Entry,
    Handover,
    HandoverItem,
    Incident,
    IncidentClock,
    Instruction,
    LogEntry,
    Post,
    Task,
    User,
)
from incident.operations import clocks, duty_log, tasks
from incident.operations.alert_states import CALLED
from incident.operations.relief import REFUSED
from incident.queries import equipment

Item = dict[str, Any]
CLOCKS_SHOWN = 3
TODAY = timedelta(hours=24)  # how far back the news goes where nobody knows when the watch began
EQUIPMENT = "equipment"
DRILL_ENDED = "drill_ended"


def packet(session: Session, since: datetime | None, now: datetime) -> dict[str, Any]:
    """Return the packet as plain JSON: `items` in the order of handing over, and `counts`.

    `since` is when the watch began, None where nobody knows: then a day ago.
    A drill is one item by itself and nothing of it is counted elsewhere. An item that an earlier
    watch did not take says with whom it stayed.
    """
    since = since or now - TODAY
    open_ones = _open_incidents(session)
    real = [one for one in open_ones if one.drill is None]
    found = [
        *_incidents(session, real, now),
        *_people(session, real),
        *_instructions(session, now),
        *_callbacks(session),
        *_samples(session, real),
        *_media(session, since, now),
        *_drills(session, [one for one in open_ones if one.drill is not None]),
        _equipment(session, now),
    ]
    stays = _stays(session)
    items = [one | {"stays_with": stays.get(one["key"])} for one in found]
    return {
        "at": now.isoformat(),
        "since": since.isoformat(),
        "items": items,
        "counts": _counts(items),
    }


def _open_incidents(session: Session) -> list[Incident]:
    query = select(Incident).where(Incident.state.not_in(clocks.OVER))
    return list(session.scalars(query.order_by(Incident.next_due_at.nulls_last(), Incident.id)))


def _incidents(session: Session, real: Sequence[Incident], now: datetime) -> Iterator[Item]:
    running = defaultdict(list)
    for clock in session.scalars(
        select(IncidentClock)
        .where(
            IncidentClock.incident_id.in_([one.id for one in real]),
            IncidentClock.satisfied_at.is_(None),
            IncidentClock.advisory.is_(False),
        )
        .order_by(IncidentClock.due_at, IncidentClock.id)
    ):
        running[clock.incident_id].append(clock)
    for one in real:
        mine = running[one.id]
        timed = [clock for clock in mine if clock.due_at is not None]
        yield _item(
            "incident",
            one.number,
            one.title,
            number=one.number,
            state=one.state,
            grade=one.grade,
            clocks=[{"title": c.title, "due_at": _iso(c.due_at)} for c in timed[:CLOCKS_SHOWN]],
            running=len(mine),
            overdue=sum(c.due_at is not None and c.due_at <= now for c in timed),
        )


def _people(session: Session, real: Sequence[Incident]) -> Iterator[Item]:
    """Return who was called for each incident and has not answered; of two calls the newer."""
    posts = dict(session.execute(select(Post.code, Post.name)).all())
    silent: dict[int, dict[int, AlertPerson]] = defaultdict(dict)
    for row in session.scalars(
        select(AlertPerson)
        .where(AlertPerson.incident_id.in_([one.id for one in real]), AlertPerson.state == CALLED)
        .order_by(AlertPerson.id)
    ):
        silent[row.incident_id][row.user_id] = row
    for one in real:
        people = [_person(row, posts) for row in silent[one.id].values()]
        if people:
            told = {"title": one.title, "count": len(people)}
            title = words.phrase("handovers", "people", told)
            yield _item("people", one.number, title, number=one.number, people=people)


def _person(row: AlertPerson, posts: dict[str, str]) -> Item:
    return {
        "name": row.person,
        "post": posts.get(row.post, row.post),
        "tier": row.tier,
        "called_at": _iso(row.called_at),
        "delivered_at": _iso(row.delivered_at),
        "read_at": _iso(row.read_at),
        "next_at": _iso(row.next_at),
    }


def _instructions(session: Session, now: datetime) -> Iterator[Item]:
    rows = session.execute(
        select(Instruction, Task, Incident.number, User.display)
        .join(Task, Task.id == Instruction.task_id)
        .join(Incident, Incident.id == Instruction.incident_id)
        .outerjoin(User, User.id == Task.owner_id)
        .where(Instruction.closed_at.is_(None), Instruction.drill.is_(None))
        .order_by(Task.due_at.nulls_last(), Instruction.id)
    )
    for given, task, number, owner in rows:
        undone = task.status in (tasks.OPEN, tasks.STARTED)
        yield _item(
            "instruction",
            given.number,
            given.text,
            instruction=given.number,
            number=number,
            giver=given.giver,
            owner=owner,
            due_at=_iso(task.due_at),
            reported=not undone,
            overdue=undone and task.due_at is not None and task.due_at <= now,
        )


def _callbacks(session: Session) -> Iterator[Item]:
    for owed in duty_log.owed(session):
        yield _logged("callback", owed.root.id, owed.current)


def _media(session: Session, since: datetime, now: datetime) -> Iterator[Item]:
    """Return what came from the press and the web; who is owed a call is told of there."""
    roots = session.scalars(
        select(LogEntry)
        .where(LogEntry.follows_id.is_(None), LogEntry.at > since, LogEntry.at <= now)
        .order_by(LogEntry.at, LogEntry.id)
    )
    for one in duty_log.threads(session, roots):
        if one.current.channel in duty_log.NEWS and not one.owes_call:
            yield _logged("media", one.root.id, one.current)


def _logged(kind: str, number: int, current: LogEntry) -> Item:
    """Return an entry of the log without what is personal: the page looks that up."""
    told = {
        "number": number,
        "channel": words.label("log_channels", current.channel),
        "category": words.label("log_categories", current.category),
    }
    return _item(
        kind,
        str(number),
        words.phrase("handovers", kind, told),
        log=number,
        at=_iso(current.at),
        due_at=_iso(current.callback_due_at),
    )


def _samples(session: Session, real: Sequence[Incident]) -> Iterator[Item]:
    """Return the tasks about samples that are not done; their titles tell them."""
    marks = [both["zh"] for both in words.vocabulary()["sample_marks"].values()]
    numbers = {one.id: one.number for one in real}
    rows = session.execute(
        select(Task, User.display)
        .outerjoin(User, User.id == Task.owner_id)
        .where(
            Task.incident_id.in_(numbers),
            Task.status.in_([tasks.OPEN, tasks.STARTED]),
            or_(*(Task.title.contains(mark) for mark in marks)),
        )
        .order_by(Task.due_at.nulls_last(), Task.id)
    )
    for task, owner in rows:
        yield _item(
            "sample",
            str(task.id),
            task.title,
            task=task.id,
            number=numbers[task.incident_id],
            status=task.status,
            owner=owner,
            due_at=_iso(task.due_at),
        )


def _drills(session: Session, open_ones: Sequence[Incident]) -> Iterator[Item]:
    """Return the drills whose incidents are open and that nobody has ended."""
    if not open_ones:
        return
    since = min(one.received_at for one in open_ones)
    ended = select(Entry.data).where(
        Entry.incident_id.is_(None), Entry.type == DRILL_ENDED, Entry.at >= since
    )
    over = {data["drill"] for data in session.scalars(ended)}
    by_key: dict[str, list[str]] = defaultdict(list)
    for one in open_ones:
        by_key[one.drill or ""].append(one.number)
    for key, numbers in by_key.items():
        if key not in over:
            title = words.phrase("handovers", "drill", {"key": key, "count": len(numbers)})
            yield _item("drill", key, title, drill=key, numbers=numbers)


def _equipment(session: Session, now: datetime) -> Item:
    lines = equipment.lines(session, now)
    return _item(EQUIPMENT, EQUIPMENT, words.label("handovers", EQUIPMENT), lines=lines)


def _stays(session: Session) -> dict[str, str]:
    """Return with whom each matter stayed that a watch before did not take."""
    rows = session.execute(
        select(HandoverItem.key, Handover.from_name)
        .join(Handover, Handover.id == HandoverItem.handover_id)
        .where(HandoverItem.state == REFUSED)
        .order_by(HandoverItem.id)
    )
    return dict(rows.all())


def _counts(items: Sequence[Item]) -> dict[str, int]:
    def of(kind: str) -> list[Item]:
        return [one["facts"] for one in items if one["kind"] == kind]

    people = [one for facts in of("people") for one in facts["people"]]
    return {
        "incidents": len(of("incident")),
        "clocks": sum(facts["running"] for facts in of("incident")),
        "overdue": sum(facts["overdue"] for facts in of("incident")),
        "unanswered": len(people),
        "unread": sum(one["read_at"] is None for one in people),
        "instructions": len(of("instruction")),
        "callbacks": len(of("callback")),
        "samples": len(of("sample")),
        "media": len(of("media")),
        "drills": len(of("drill")),
        "faults": sum(line["state"] == "bad" for line in of(EQUIPMENT)[0]["lines"]),
    }


def _item(kind: str, key: str, title: str, **facts: Any) -> Item:
    return {"kind": kind, "key": f"{kind}:{key}", "title": title[:200], "facts": facts}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
