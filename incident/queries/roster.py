"""A month of the roster as a table: a row a day, a column a shift of each post."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.models import Holiday, Post, User
from incident.operations import watches
from incident.rulebook import Rulebook
from workflows import roster_quality
from workflows.calendar import Calendar
from workflows.roster_quality import Load, Quality
from workflows.rotation import Double, Stretch, Watch, doubles, manned, roster
from workflows.shifts import DAY, Shift


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of the roster."""

    id: int
    name: str
    account: str
    phone: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One shift of a post; `begins` is its local time."""

    post: Post
    number: int
    begins: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Who is there for a length of a shift; `main` None is a gap, `missing` who should be there."""

    main: Person | None
    stand_in: Person | None
    missing: Person | None
    why: str
    starts_at: datetime
    ends_at: datetime
    is_double: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One shift of one day."""

    column: Column
    day: date
    starts_at: datetime
    ends_at: datetime
    pieces: tuple[Piece, ...]

    def has(self, person: int | None) -> bool:
        """Tell whether somebody is on duty or stands in here."""
        here = {one.id for piece in self.pieces for one in (piece.main, piece.stand_in) if one}
        return person in here


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRow:
    """One day; `special` is holiday or workday where the table says so, `name` what it is called.

    `is_known` is false beyond the end of the table: then only the weekend tells.
    """

    day: date
    special: str | None
    name: str | None
    is_free: bool
    is_known: bool
    is_today: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one person does at one post in the month."""

    post: str
    person: Person
    load: Load
    too_much: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month: its table, how good it is, and who does how much."""

    first: date
    last: date
    columns: tuple[Column, ...]
    days: tuple[DayRow, ...]
    quality: Quality | None
    shares: tuple[Share, ...]
    calendar_ends: date | None


def month(session: Session, first: date, rules: Rulebook, now: datetime) -> Month:
    """Return the month that begins on a day."""
    last = (first + timedelta(days=31)).replace(day=1) - DAY
    posts = watches.posts(session)
    loaded = watches.between(session, posts, first, last, rules)
    found = {code: roster(watch, first, last, rules.calendar) for code, watch in loaded.items()}
    everything = [one for stretches in found.values() for one in stretches]
    who = people(session, _named(everything) | _members(loaded, first, last))
    columns = tuple(_columns(posts))
    cells = _cells(columns, everything, doubles(everything), who)
    loads = _loads(loaded, everything, first, last, rules.calendar)
    quality = roster_quality.quality(everything, loads)
    return Month(
        first=first,
        last=last,
        columns=columns,
        days=tuple(_days(session, first, last, cells, rules, now)),
        quality=quality,
        shares=tuple(_shares(loads, quality, who, {post.code: post.name for post in posts})),
        calendar_ends=None if rules.calendar.knows(last) else rules.calendar.known_until,
    )


def shift(session: Session, post: Post, wanted: Shift, rules: Rulebook) -> Cell:
    """Return one shift with who is there."""
    watch = watches.load(session, [post], wanted.starts_at, wanted.ends_at)[post.code]
    stretches = manned(watch, wanted, rules.calendar)
    column = Column(post=post, number=wanted.number, begins=post.changes[wanted.number])
    return _cell(column, wanted.day, stretches, (), people(session, _named(stretches)))


def people(session: Session, ids: Iterable[int]) -> dict[int, Person]:
    """Return people by their ids."""
    rows = session.execute(
        select(User.id, User.display, User.name, User.phone).where(User.id.in_(set(ids)))
    )
    return {
        row.id: Person(id=row.id, name=row.display, account=row.name, phone=row.phone)
        for row in rows
    }


def _columns(posts: Sequence[Post]) -> Iterable[Column]:
    for post in posts:
        for number, begins in enumerate(post.changes):
            yield Column(post=post, number=number, begins=begins)


def _named(stretches: Iterable[Stretch]) -> set[int]:
    return {
        person
        for one in stretches
        for person in (one.main, one.stand_in, one.missing)
        if person is not None
    }


def _members(loaded: Mapping[str, Watch], first: date, last: date) -> set[int]:
    return {
        person for watch in loaded.values() for person in roster_quality.members(watch, first, last)
    }


def _cells(
    columns: Sequence[Column],
    stretches: Sequence[Stretch],
    twice: Sequence[Double],
    who: Mapping[int, Person],
) -> dict[date, list[Cell]]:
    """Return the cells by day, in the order of the columns."""
    shifts: dict[tuple[str, int, date], list[Stretch]] = {}
    for one in stretches:
        shifts.setdefault((one.post, one.shift.number, one.shift.day), []).append(one)
    found: dict[date, list[Cell]] = {}
    for column in columns:
        for (post, number, day), pieces in shifts.items():
            if (post, number) == (column.post.code, column.number):
                found.setdefault(day, []).append(_cell(column, day, pieces, twice, who))
    return found


def _cell(
    column: Column,
    day: date,
    pieces: Sequence[Stretch],
    twice: Sequence[Double],
    who: Mapping[int, Person],
) -> Cell:
    return Cell(
        column=column,
        day=day,
        starts_at=pieces[0].shift.starts_at,
        ends_at=pieces[0].shift.ends_at,
        pieces=tuple(_piece(one, twice, who) for one in pieces),
    )


def _piece(one: Stretch, twice: Sequence[Double], who: Mapping[int, Person]) -> Piece:
    is_double = any(
        double.person in (one.main, one.stand_in)
        and one.post in double.posts
        and double.starts_at < one.ends_at
        and double.ends_at > one.starts_at
        for double in twice
    )
    return Piece(
        main=_who(one.main, who),
        stand_in=_who(one.stand_in, who),
        missing=_who(one.missing, who),
        why=one.why,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        is_double=is_double,
    )


def _who(person: int | None, who: Mapping[int, Person]) -> Person | None:
    return None if person is None else who[person]


def _days(
    session: Session,
    first: date,
    last: date,
    cells: Mapping[date, Sequence[Cell]],
    rules: Rulebook,
    now: datetime,
) -> Iterable[DayRow]:
    rows = session.scalars(select(Holiday).where(Holiday.day.between(first, last)))
    special = {row.day: row for row in rows}
    for number in range((last - first).days + 1):
        day = first + number * DAY
        row = special.get(day)
        yield DayRow(
            day=day,
            special=row.kind if row else None,
            name=row.name if row else None,
            is_free=not rules.calendar.is_working_day(day),
            is_known=rules.calendar.knows(day),
            is_today=day == rules.day(now),
            cells=tuple(cells.get(day, ())),
        )


def _loads(
    loaded: Mapping[str, Watch],
    stretches: Sequence[Stretch],
    first: date,
    last: date,
    calendar: Calendar,
) -> tuple[Load, ...]:
    members = {code: roster_quality.members(watch, first, last) for code, watch in loaded.items()}
    return roster_quality.loads(stretches, members, calendar)


def _shares(
    loads: Sequence[Load],
    quality: Quality | None,
    who: Mapping[int, Person],
    posts: Mapping[str, str],
) -> Iterable[Share]:
    over = quality.overloaded if quality else ()
    for post, name in posts.items():
        for load in loads:
            if load.post == post:
                much = (o.what for o in over if (o.post, o.person) == (post, load.person))
                yield Share(post=name, person=who[load.person], load=load, too_much=tuple(much))
