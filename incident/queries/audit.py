"""The chain of entries as the auditor sees it: of incidents who, what and when, never the text."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from incident.models import ChainHead, Entry, User

SECURITY, INCIDENTS, DRILLS = "security", "incidents", "drills"
SUBJECTS = (SECURITY, INCIDENTS, DRILLS)
PER_PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the auditor looks for; "" and None mean anything. `until` is not included."""

    actor: str = ""
    type: str = ""
    object: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One entry; `text` is None for what belongs to an incident, `network` where known."""

    seq: int
    entered_at: datetime
    type: str
    actor: str
    account: str | None
    object: str | None
    drill: bool
    text: str | None
    network: str | None
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """One page, the newest first; `older` and `newer` are where the pages beside it begin."""

    rows: tuple[Trace, ...]
    total: int
    older: int | None
    newer: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The end of the chain; `at` is None for a chain without an entry."""

    length: int
    head: str
    at: datetime | None


def chain(session: Session) -> Chain:
    """Return where the chain stands."""
    row = session.execute(select(ChainHead.seq, ChainHead.hash)).one_or_none()
    length, head = row if row else (0, "0" * 64)
    at = session.scalar(select(Entry.entered_at).where(Entry.seq == length))
    return Chain(length=length, head=head, at=at)


def traces(session: Session, wanted: Wanted, *, before: int | None = None) -> Traces:
    """Return the entries older than `before`, the newest of all unless given."""
    tests = list(_tests(wanted))
    total = session.scalar(select(func.count()).select_from(Entry).where(*tests)) or 0
    query = select(Entry, User.name).outerjoin(User, User.id == Entry.actor_id).where(*tests)
    if before is not None:
        query = query.where(Entry.seq < before)
    rows = session.execute(query.order_by(Entry.seq.desc()).limit(PER_PAGE + 1)).all()
    shown = rows[:PER_PAGE]
    return Traces(
        rows=tuple(_trace(entry, name) for entry, name in shown),
        total=total,
        older=shown[-1][0].seq if len(rows) > PER_PAGE else None,
        newer=_newer(session, tests, shown[0][0].seq) if shown and before else None,
    )


def types(session: Session) -> list[str]:
    """Return the types of entries that there are."""
    return sorted(session.scalars(select(Entry.type).distinct()))


def _newer(session: Session, tests: list[ColumnElement[bool]], first: int) -> int:
    """Return the `before` of the page that ends just above this one."""
    above = session.scalars(
        select(Entry.seq).where(*tests, Entry.seq > first).order_by(Entry.seq).limit(PER_PAGE)
    ).all()
    return (above[-1] if above else first) + 1


def _tests(wanted: Wanted) -> list[ColumnElement[bool]]:
    tests: list[ColumnElement[bool]] = []
    if wanted.actor:
        ids = select(User.id).where(User.name.icontains(wanted.actor, autoescape=True))
        named = Entry.actor.icontains(wanted.actor, autoescape=True)
        tests.append(or_(named, Entry.actor_id.in_(ids)))
    if wanted.type:
        tests.append(Entry.type == wanted.type)
    if wanted.object:
        tests.append(_about(wanted.object))
    if wanted.subject:
        tests.append(_subject(wanted.subject))
    if wanted.since:
        tests.append(Entry.entered_at >= wanted.since)
    if wanted.until:
        tests.append(Entry.entered_at < wanted.until)
    return tests


def _about(text: str) -> ColumnElement[bool]:
    """Tell entries of an incident by its number, those of the desk by the words they show."""
    of_desk = Entry.incident_id.is_(None) & Entry.text.icontains(text, autoescape=True)
    return or_(Entry.incident.icontains(text, autoescape=True), of_desk)


def _subject(name: str) -> ColumnElement[bool]:
    if name == SECURITY:
        return Entry.incident_id.is_(None)
    in_incident = Entry.incident_id.is_not(None)
    is_drill = Entry.drill.is_not(None)
    return in_incident & is_drill if name == DRILLS else in_incident & ~is_drill


def _trace(entry: Entry, account: str | None) -> Trace:
    of_desk = entry.incident_id is None
    network = entry.data.get("network") if of_desk else None
    return Trace(
        seq=entry.seq,
        entered_at=entry.entered_at,
        type=entry.type,
        actor=entry.actor,
        account=account,
        object=entry.incident,
        drill=entry.drill is not None,
        text=entry.text if of_desk else None,
        network=str(network) if network else None,
        hash=entry.hash,
    )
