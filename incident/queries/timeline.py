"""The timeline of one incident, page by page and since a given entry."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from incident.models import Entry
from incident.queries.scope import DESK_ROLES, DRILL_ROLES, EXPERT_ROLES
from incident.who import DESK, Who
from workflows.lifecycle import Action

PAGE = 60
FRAGMENT = 200
INSTRUCTIONS = ("instruct", "instruction_returned", "instruction_closed", "instruction_chased")
GROUPS: Mapping[str, tuple[str, ...]] = {
    "decision": (*Action, "dismiss_proposed", "dismiss_returned", "merged_here", *INSTRUCTIONS),
    "facts": ("reported", "follow_up", "facts", "facts_corrected"),
    "task": (
        "task_added",
        "task_changed",
        "task_open",
        "task_started",
        "task_done",
        "task_cancelled",
    ),
    "message": (
        "message_sent",
        "message_delivered",
        "message_failed",
        "acknowledge",
        "alert_started",
        "alert_climbed",
        "alert_answered",
        "alert_unanswered",
        "alert_reminded",
        "alert_ended",
        "call_logged",
        "called_again",
        "siren_taken",
        "read",
    ),
    "clock": ("clock_near", "clock_overdue", "clock_kept"),
    "file": ("attached", "briefing_drafted", "briefing_withdrawn", "briefing_issued"),
    "consult": ("convene", "no_conflict", "conflict_declared", "opinion", "conclude"),
    "note": ("note", "correction", "review"),
}
# What a reporting unit may follow of the incident that it reported.
OUTSIDE = (
    "reported",
    "follow_up",
    "facts",
    "facts_corrected",
    "verify",
    "dismiss",
    "merge",
    "transfer",
    "approve_grade",
    "activate",
    "regrade",
    "terminate",
    "archive",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry as a page shows it; `actor` None is the desk itself."""

    seq: int
    at: datetime
    entered_at: datetime
    type: str
    actor: str | None
    text: str
    corrects: int | None
    corrected_by: int | None
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Entries, the newest first; `older` and `newer` are seqs to page by, None at an end."""

    lines: tuple[Line, ...]
    older: int | None
    newer: int | None


def is_inside(who: Who) -> bool:
    """Tell whether a person sees the work on an incident, not only what was told outside."""
    return who.may_be(*DESK_ROLES, *EXPERT_ROLES, *DRILL_ROLES)


def page(
    session: Session,
    incident_id: int,
    who: Who,
    *,
    group: str | None = None,
    before: int | None = None,
    since: int | None = None,
) -> Page:
    """Return a page: the newest, the one before a seq, or the one that begins with a seq."""
    query = _query(incident_id, who, group)
    if since is not None:
        rows = _take(session, query.where(Entry.seq >= since).order_by(Entry.seq))[:PAGE][::-1]
    else:
        narrowed = query if before is None else query.where(Entry.seq < before)
        rows = _take(session, narrowed.order_by(Entry.seq.desc()))[:PAGE]
    if not rows:
        return Page(lines=(), older=None, newer=None)
    first, last = rows[0].seq, rows[-1].seq
    has_older = session.scalar(query.where(Entry.seq < last).limit(1)) is not None
    newer = session.scalars(query.where(Entry.seq > first).order_by(Entry.seq).limit(1)).first()
    return Page(
        lines=_lines(session, rows),
        older=last if has_older else None,
        newer=newer.seq if newer else None,
    )


def after(
    session: Session, incident_id: int, who: Who, seq: int, *, group: str | None = None
) -> tuple[Line, ...]:
    """Return what came after a seq, in order; at most FRAGMENT entries."""
    query = _query(incident_id, who, group).where(Entry.seq > seq).order_by(Entry.seq)
    return _lines(session, list(session.scalars(query.limit(FRAGMENT))))


def struck_after(session: Session, incident_id: int, who: Who, seq: int) -> tuple[Line, ...]:
    """Return what stood before a seq and was struck by an entry after it."""
    strikes = select(Entry.corrects).where(
        Entry.incident_id == incident_id, Entry.seq > seq, Entry.corrects <= seq
    )
    query = _query(incident_id, who, None).where(Entry.seq.in_(strikes)).order_by(Entry.seq)
    return _lines(session, list(session.scalars(query.limit(FRAGMENT))))


def entry(session: Session, incident_id: int, who: Who, seq: int) -> Line | None:
    """Return one entry, None when it is not of this incident or not for this person."""
    rows = list(session.scalars(_query(incident_id, who, None).where(Entry.seq == seq)))
    return _lines(session, rows)[0] if rows else None


def moments(session: Session, incident_id: int, who: Who) -> tuple[datetime, ...]:
    """Return the moments at which something was written down, each once, in order."""
    query = _query(incident_id, who, None).with_only_columns(Entry.entered_at)
    return tuple(session.scalars(query.distinct().order_by(Entry.entered_at)))


def until(session: Session, incident_id: int, who: Who, moment: datetime) -> tuple[Line, ...]:
    """Return the newest page of what stood there at a moment, in order.

    What was struck later is shown as it stood then.
    """
    query = _query(incident_id, who, None).where(Entry.entered_at <= moment)
    rows = _take(session, query.order_by(Entry.seq.desc()))
    return _lines(session, rows[::-1], known=moment)


def last_seq(session: Session, incident_id: int) -> int:
    """Return the seq of the newest entry of an incident, 0 when there is none."""
    return session.scalar(select(func.max(Entry.seq)).where(Entry.incident_id == incident_id)) or 0


def _query(incident_id: int, who: Who, group: str | None) -> Select[Entry]:
    query = select(Entry).where(Entry.incident_id == incident_id)
    if not is_inside(who):
        query = query.where(Entry.type.in_(OUTSIDE))
    if group is not None and group in GROUPS:
        query = query.where(Entry.type.in_(GROUPS[group]))
    return query


def _take(session: Session, query: Select[Entry]) -> list[Entry]:
    return list(session.scalars(query.limit(PAGE)))


def _lines(
    session: Session, rows: Iterable[Entry], *, known: datetime | None = None
) -> tuple[Line, ...]:
    shown = list(rows)
    struck: dict[int, int] = {}
    if shown:
        corrections = select(Entry.corrects, Entry.seq).where(
            Entry.incident_id.in_({row.incident_id for row in shown}),  # has an index
            Entry.corrects.in_([row.seq for row in shown]),
        )
        if known is not None:
            corrections = corrections.where(Entry.entered_at <= known)
        struck = {corrects: seq for corrects, seq in session.execute(corrections) if corrects}
    return tuple(
        Line(
            seq=row.seq,
            at=row.at,
            entered_at=row.entered_at,
            type=row.type,
            actor=None if row.actor_id is None and row.actor == DESK.display else row.actor,
            text=row.text,
            corrects=row.corrects,
            corrected_by=struck.get(row.seq),
            data=row.data,
        )
        for row in shown
    )
