"""One day of the duty log: what happened, to the minute, with what was typed beside it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from incident.errors import NotFound
from incident.models import Entry, Handover, LogDay, LogEntry
from incident.operations import drafts, duty_log, relief, watches
from incident.operations.duty_log import Thread
from incident.queries.roster import people
from incident.rulebook import Rulebook
from incident.who import Who
from workflows.lifecycle import Action, Role
from workflows.rotation import Tier, roster
from workflows.shifts import DAY, at_time

TYPED = "typed"
GROUPS: Mapping[str, tuple[str, ...]] = {
    "report": ("reported", "follow_up", "spooled"),
    "action": (
        *(action.value for action in Action),
        "note",
        "instruct",
        "dismiss_proposed",
        "dismiss_returned",
        "merged_here",
        "instruction_returned",
        "instruction_closed",
        "instruction_chased",
        "briefing_issued",
        "clock_overdue",
        "clock_kept",
        "halted",
        "halt_lifted",
    ),
    "call": ("alert_started", "alert_answered", "alert_unanswered", "called_again"),
    "failed": ("message_failed", "reply_stop"),
    "manual": ("call_logged", "siren_taken"),
    "watch": (
        "handover_opened",
        "handover_signed",
        "handover_accepted",
        "handover_partly",
        "handover_refused",
        "handover_withdrawn",
        "handover_paged",
        "handover_late",
        "roster_changed",
        "roster_change_revoked",
        "swap_approved",
        "self_tested",
        "database_away",
        "promise_broken",
        "promise_kept",
        "comm_test_started",
    ),
}
GROUP_OF = {type: group for group, types in GROUPS.items() for type in types}
NARROWED = (TYPED, *GROUPS)
CHANGE = time(8, 30)  # where no post says at which hour the watch changes
LATE = 2 * DAY  # how much later something may be entered and still be found


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the day. `thread` is there for a typed one, `seq` for one of the chain.

    `incident` is the number of the incident it belongs to, or that was made of it; `actor` None
    is the desk itself.
    """

    at: datetime
    entered_at: datetime
    group: str
    type: str
    text: str
    actor: str | None
    incident: str | None
    drill: bool
    seq: int | None = None
    thread: Thread | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody on duty during a day, at which post and as what."""

    post: str
    tier: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A shift day: from the first change of the watch to that of the next day.

    `counts` are lines by group, whatever the page is narrowed to. `weather` and `events` are None
    where nobody wrote them.
    """

    day: date
    starts_at: datetime
    ends_at: datetime
    officers: tuple[Person, ...]
    weather: str | None
    events: str | None
    lines: tuple[Line, ...]
    counts: Mapping[str, int]
    handovers: tuple[Handover, ...]


def today(session: Session, now: datetime, rules: Rulebook) -> date:
    """Return the shift day in which a moment is."""
    local = now.astimezone(rules.zone)
    before = local.time() < _change(session)
    return local.date() - DAY if before else local.date()


def day(
    session: Session,
    wanted: date,
    rules: Rulebook,
    *,
    only: str = "",
    category: str = "",
    drills: bool = True,
) -> Day:
    """Return a shift day, the earliest first.

    `only` is one of NARROWED and `category` one of the typed ones'; "" is everything.
    """
    change = _change(session)
    starts = at_time(wanted, change, rules.zone)
    ends = at_time(wanted + DAY, change, rules.zone)
    found = [*_happened(session, starts, ends), *_typed(session, starts, ends)]
    shown = [one for one in found if drills or not one.drill]
    head = session.scalars(
        select(LogDay).where(LogDay.day == wanted).order_by(LogDay.id.desc()).limit(1)
    ).first()
    return Day(
        day=wanted,
        starts_at=starts,
        ends_at=ends,
        officers=_officers(session, wanted, rules),
        weather=head.weather if head else None,
        events=head.events if head else None,
        lines=tuple(sorted(_narrowed(shown, only, category), key=_order)),
        counts=Counter(one.group for one in shown),
        handovers=_handovers(session, starts, ends),
    )


def entry(session: Session, number: int) -> Thread:
    """Return one typed entry with what follows it; raise NotFound."""
    row = session.get(LogEntry, number)
    if row is None or row.follows_id is not None:
        raise NotFound
    return duty_log.thread(session, row)


def incident_of(session: Session, thread: Thread) -> str | None:
    """Return the number of the incident whose report was made of an entry, None for none yet."""
    made = thread.report
    if made is None or made.report_key is None:
        return None
    reporter = Who(id=made.entered_by, display=made.entered_name)
    filed = drafts.filed(session, made.report_key, reporter)
    return str(filed.answer["incident"]) if filed else None


def _change(session: Session) -> time:
    """Return the first local time of a day at which the watch changes."""
    found = [watches.changes(post)[0] for post in relief.posts(session)]
    return min(found, default=CHANGE)


def _narrowed(lines: Iterable[Line], only: str, category: str) -> Iterable[Line]:
    for one in lines:
        if only in NARROWED and one.group != only:
            continue
        typed = one.thread.current.category if one.thread else None
        if not category or typed == category:
            yield one


def _order(line: Line) -> tuple[object, ...]:
    return (line.at, line.entered_at, line.seq or 0)


def _happened(session: Session, starts: datetime, ends: datetime) -> list[Line]:
    """Return the entries of the chain; what joined it much later than it happened is left out."""
    first, last = _seq_at(session, starts), _seq_at(session, ends + LATE)
    rows = session.scalars(
        select(Entry)
        .where(
            Entry.seq >= first,
            Entry.seq < last,
            Entry.at >= starts,
            Entry.at < ends,
            Entry.type.in_(GROUP_OF),
        )
        .order_by(Entry.seq)
    )
    return [
        Line(
            at=row.at,
            entered_at=row.entered_at,
            group=GROUP_OF[row.type],
            type=row.type,
            text=row.text,
            actor=row.actor if row.actor_id is not None else None,
            incident=row.incident,
            drill=row.drill is not None,
            seq=row.seq,
        )
        for row in rows
    ]


def _seq_at(session: Session, moment: datetime) -> int:
    """Return the seq of the first entry that was entered at a moment or later, by halving."""
    low, high = 1, (session.scalar(select(func.max(Entry.seq))) or 0) + 1
    while low < high:
        middle = (low + high) // 2
        entered = session.scalar(select(Entry.entered_at).where(Entry.seq == middle))
        if entered is not None and entered < moment:
            low = middle + 1
        else:
            high = middle
    return low


def _typed(session: Session, starts: datetime, ends: datetime) -> list[Line]:
    """Return the typed entries by when they hold to have happened: a correction may move one."""
    in_day = select(LogEntry).where(LogEntry.at >= starts, LogEntry.at < ends)
    wanted = {row.follows_id or row.id for row in session.scalars(in_day)}
    roots = session.scalars(select(LogEntry).where(LogEntry.id.in_(wanted)))
    found = duty_log.threads(session, roots)
    return [
        Line(
            at=one.current.at,
            entered_at=one.root.entered_at,
            group=TYPED,
            type="duty_logged",
            text=one.current.summary,
            actor=one.current.entered_name,
            incident=incident_of(session, one),
            drill=False,
            thread=one,
        )
        for one in found
        if starts <= one.current.at < ends
    ]


def _officers(session: Session, wanted: date, rules: Rulebook) -> tuple[Person, ...]:
    """Return who had the watch and who led it, each once at each post."""
    posts = watches.posts(session, [Role.DUTY_LEADER, relief.ROLE])
    loaded = watches.between(session, posts, wanted, wanted, rules)
    held = dict.fromkeys(
        (post.name, tier, person)
        for post in sorted(posts, key=lambda one: one.role != Role.DUTY_LEADER)
        for one in roster(loaded[post.code], wanted, wanted, rules.calendar)
        for tier, person in ((Tier.MAIN, one.main), (Tier.STAND_IN, one.stand_in))
        if person is not None
    )
    names = people(session, {person for *_, person in held})
    return tuple(
        Person(post=post, tier=tier.value, name=names[person].name) for post, tier, person in held
    )


def _handovers(session: Session, starts: datetime, ends: datetime) -> tuple[Handover, ...]:
    """Return the handovers of the hour at which the day begins, of its course and of its end."""
    query = select(Handover).where(Handover.due_at >= starts, Handover.due_at <= ends)
    return tuple(session.scalars(query.order_by(Handover.id)))
