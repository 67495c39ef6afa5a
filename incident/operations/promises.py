"""What the desk promises (S1 to S8), each as a question that counts what breaks it.

A drill is another universe: what it leaves undone breaks no promise here. Whoever adds one adds
its words to templates/words/promises.yaml and promise_findings.yaml.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from incident.models import (
    EngineLease,
    Halt,
    Incident,
    IncidentClock,
    OutgoingMessage,
    Receipt,
    Reply,
    Report,
    SpooledReport,
)
from incident.models import Entry as EntryRow
from incident.operations import halts, reaching_promises
from incident.operations.chain_watch import chain
from incident.operations.delivery_states import QUEUED

Figures = Mapping[str, Any]
LATEST = 500  # reports that are looked at again in every round
LATEST_RECEIPTS = 5000
TURNED = timedelta(seconds=30)
FIRST_TRY_GRAVE, FIRST_TRY = timedelta(seconds=30), timedelta(minutes=2)
RUNG, INBOX, SPOOLED = timedelta(seconds=10), timedelta(seconds=30), timedelta(minutes=1)
SKEW = timedelta(seconds=5)
REAL_CLASSES = 2  # priorities 0 to 2: real, grave or not, and reminders
REPORT_ENTRIES = ("reported", "follow_up")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the database cannot say: the moment, the engine's tick, both clocks, the spool.

    `oldest_spooled` is when the oldest report that still waits in the spool came; None when
    the spool is empty.
    """

    now: datetime
    tick: timedelta
    skew: timedelta
    spooled: int
    oldest_spooled: datetime | None


def _reports(session: Session, _seen: Seen, _before: Figures) -> Figures:
    """S1: every report belongs to an incident that tells of it, and every incident has one."""
    latest = select(func.max(Report.id)).scalar_subquery() - LATEST
    told = exists().where(
        EntryRow.incident_id == Report.incident_id, EntryRow.type.in_(REPORT_ENTRIES)
    )
    untold = _count(session, Report, and_(Report.id > latest, ~told, _is_real(Report.incident_id)))
    newest = select(func.max(Incident.id)).scalar_subquery() - LATEST
    reported = exists().where(Report.incident_id == Incident.id)
    real = Incident.drill.is_(None)
    empty = _count(session, Incident, and_(Incident.id > newest, real, ~reported))
    return {"count": untold + empty}


def _spool(session: Session, seen: Seen, _before: Figures) -> Figures:
    """S2: what was taken while the database was away is entered, or a person looks at it."""
    waits = and_(SpooledReport.incident.is_(None), SpooledReport.settled_at.is_(None))
    people = _count(session, SpooledReport, waits)
    late = seen.oldest_spooled is not None and seen.now - seen.oldest_spooled > SPOOLED
    return {"count": people + (seen.spooled if late else 0), "people": people}


def _first_try(session: Session, seen: Seen, _before: Figures) -> Figures:
    """S3: what is due is tried: at once when grave, soon when not."""
    untried = and_(
        OutgoingMessage.state == QUEUED,
        OutgoingMessage.attempts == 0,
        OutgoingMessage.drill.is_(None),
        OutgoingMessage.priority <= REAL_CLASSES,
        or_(
            OutgoingMessage.due_at < seen.now - FIRST_TRY,
            and_(
                OutgoingMessage.priority == 0, OutgoingMessage.due_at < seen.now - FIRST_TRY_GRAVE
            ),
        ),
    )
    return {"count": _count(session, OutgoingMessage, untried)}


def _engine(session: Session, seen: Seen, _before: Figures) -> Figures:
    """S5: the engine turns."""
    turned = session.scalar(select(EngineLease.turned_at))
    age = None if turned is None else seen.now - turned
    return {
        "count": int(age is None or age > TURNED),
        "seconds": None if age is None else int(age.total_seconds()),
    }


def _duplicates(session: Session, _seen: Seen, _before: Figures) -> Figures:
    """S7: a provider has a message twice only where we said that it might come twice."""
    newest = select(func.max(Receipt.id)).scalar_subquery() - LATEST_RECEIPTS
    twice = (
        select(Receipt.code)
        .where(Receipt.id > newest)
        .group_by(Receipt.code)
        .having(func.count(func.distinct(Receipt.provider_id)) > 1)
    )
    unsaid = and_(
        OutgoingMessage.code.in_(twice),
        OutgoingMessage.resent.is_(False),
        OutgoingMessage.drill.is_(None),
    )
    return {"count": _count(session, OutgoingMessage, unsaid)}


def _clocks(session: Session, seen: Seen, _before: Figures) -> Figures:
    """S8: every statutory clock rings within ten seconds of its alarm."""
    silent = and_(
        IncidentClock.satisfied_at.is_(None),
        IncidentClock.advisory.is_(False),
        IncidentClock.next_alarm_at < seen.now - RUNG - seen.tick,
        halts.runs(IncidentClock.incident_id),
        _is_real(IncidentClock.incident_id),
    )
    return {"count": _count(session, IncidentClock, silent)}


def _inbox(session: Session, seen: Seen, _before: Figures) -> Figures:
    """What providers and people sent us is read."""
    late = seen.now - INBOX
    of_drill = exists().where(
        OutgoingMessage.code == Receipt.code, OutgoingMessage.drill.is_not(None)
    )
    unmerged = and_(Receipt.merged_at.is_(None), Receipt.came_at < late, ~of_drill)
    unread = and_(Reply.read_at.is_(None), Reply.came_at < late, Reply.drill.is_(False))
    receipts, replies = _count(session, Receipt, unmerged), _count(session, Reply, unread)
    return {"count": receipts + replies, "receipts": receipts, "replies": replies}


def _chain(session: Session, _seen: Seen, before: Figures) -> Figures:
    """The chain of entries holds: what came since the last round, and the head."""
    return chain(session, before)


def _time(_session: Session, seen: Seen, _before: Figures) -> Figures:
    """The desk's clock and the database's agree."""
    apart = abs(seen.skew)
    return {"count": int(apart > SKEW), "seconds": round(apart.total_seconds(), 1)}


def _halts(session: Session, _seen: Seen, _before: Figures) -> Figures:
    """No incident runs without its automation."""
    numbers = session.scalars(
        select(Incident.number)
        .join(Halt, Halt.incident_id == Incident.id)
        .where(Halt.lifted_at.is_(None), Incident.drill.is_(None))
        .distinct()
    ).all()
    return {"count": len(numbers), "incidents": "、".join(sorted(numbers)[:10])}


def _people(session: Session, seen: Seen, _before: Figures) -> Figures:
    """S4: no ladder stands still while nobody has answered."""
    return reaching_promises.people(session, seen.now)


def _endings(session: Session, seen: Seen, _before: Figures) -> Figures:
    """S6: no message ends in silence."""
    return reaching_promises.endings(session, seen.now)


PROMISES: Mapping[str, Callable[[Session, Seen, Figures], Figures]] = {
    "reports": _reports,
    "spool": _spool,
    "first_try": _first_try,
    "people": _people,
    "engine": _engine,
    "endings": _endings,
    "duplicates": _duplicates,
    "clocks": _clocks,
    "inbox": _inbox,
    "chain": _chain,
    "time": _time,
    "halts": _halts,
}


def _is_real(incident_id: Any) -> ColumnElement[bool]:
    own = aliased(Incident)
    return exists().where(own.id == incident_id, own.drill.is_(None))


def _count(session: Session, table: type, condition: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(table).where(condition)) or 0
