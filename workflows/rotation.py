"""Who is on duty: rotations, what overrides them, and what is left without anybody."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum
from itertools import pairwise
from math import gcd

from workflows.calendar import Calendar
from workflows.shifts import DAY, Shift, shifts

ON_DUTY = "on_duty"


class Days(StrEnum):
    """On which days a rotation holds: all, working days, or days off."""

    EVERY = "every"
    WORK = "work"
    FREE = "free"


class Tier(StrEnum):
    """Who is on duty (A), and who stands in for him (B)."""

    MAIN = "main"
    STAND_IN = "stand_in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A person of a rotation and his stand-in; both are ids of people."""

    main: int
    stand_in: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Whom a roster names for a moment; None is nobody."""

    main: int | None = None
    stand_in: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """Who follows whom; each has `turn_days` days of its kind. `ends_on` is the last day."""

    id: int
    days: Days
    turn_days: int
    order: tuple[Turn, ...]
    starts_on: date
    ends_on: date | None = None

    def holds(self, day: date, calendar: Calendar) -> bool:
        """Tell whether a day is one of this rotation."""
        if day < self.starts_on or (self.ends_on is not None and day > self.ends_on):
            return False
        return self.days is Days.EVERY or calendar.is_working_day(day) is (self.days is Days.WORK)

    def turn(self, day: date, number: int, shifts: int, calendar: Calendar) -> Turn:
        """Return whose turn the shift of a day is, the `number`-th of so many."""
        before = self._days_before(day, calendar) // self.turn_days * shifts + number
        people = len(self.order)
        if gcd(people, shifts) > 1:  # else the same people would have all the nights
            before += before // (people * shifts // gcd(people, shifts))
        return self.order[before % people]

    def _days_before(self, day: date, calendar: Calendar) -> int:
        if self.days is Days.EVERY:
            return (day - self.starts_on).days
        earlier = (self.starts_on + number * DAY for number in range((day - self.starts_on).days))
        return sum(self.holds(one, calendar) for one in earlier)


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Somebody else for a while; of two at once the one with the greater `id` holds."""

    id: int
    tier: Tier
    person: int
    starts_at: datetime
    ends_at: datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """When somebody cannot be on duty."""

    person: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A post as the reckoning needs it: when shifts change, who follows whom, what differs.

    `fit` are the people who can be on duty there: with the role, and with an address.
    """

    post: str
    changes: tuple[time, ...]
    rotations: tuple[Rotation, ...]
    overrides: tuple[Override, ...] = ()
    absences: tuple[Absence, ...] = ()
    fit: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A length of one shift during which nothing changes.

    `main` and `stand_in` are who is there; `main` None is a gap. `named` is whom the roster names,
    who may be away or out of reach. `why` is on_duty, override, swap, import, or stand_in where who
    should be on duty cannot be.
    """

    post: str
    shift: Shift
    starts_at: datetime
    ends_at: datetime
    main: int | None
    stand_in: int | None
    why: str
    named: Named

    @property
    def missing(self) -> int | None:
        """Return who should be on duty and cannot be, None where all is well."""
        return self.named.main if self.named.main != self.main else None

    @property
    def is_middle(self) -> bool:
        """Tell whether the middle of the shift is in it: one stretch of each shift has it."""
        middle = self.shift.starts_at + (self.shift.ends_at - self.shift.starts_at) / 2
        return self.starts_at <= middle < self.ends_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Double:
    """One person at two posts at the same time."""

    person: int
    posts: tuple[str, str]
    starts_at: datetime
    ends_at: datetime


def manned(watch: Watch, shift: Shift, calendar: Calendar) -> tuple[Stretch, ...]:
    """Return the stretches of a shift, in order, each with who is on duty."""
    turn = _turn(watch, shift, calendar)
    marks = {shift.starts_at, shift.ends_at}
    for moment in _changing(watch):
        if shift.starts_at < moment < shift.ends_at:
            marks.add(moment)
    pieces = (
        _stretch(watch, shift, turn, starts, ends) for starts, ends in pairwise(sorted(marks))
    )
    return tuple(_joined(pieces))


def roster(watch: Watch, first: date, last: date, calendar: Calendar) -> tuple[Stretch, ...]:
    """Return who is on duty in the shifts that begin on these days."""
    found = shifts(watch.changes, first, last, calendar.zone)
    return tuple(piece for shift in found for piece in manned(watch, shift, calendar))


def gaps(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Return the stretches in which nobody is on duty."""
    return tuple(one for one in stretches if one.main is None)


def doubles(stretches: Iterable[Stretch]) -> tuple[Double, ...]:
    """Return where one person is at two posts at once; to stand in counts as well."""
    held: dict[int, list[Stretch]] = {}
    for one in stretches:
        for person in {one.main, one.stand_in} - {None}:
            held.setdefault(person, []).append(one)  # type: ignore[arg-type]
    found = [
        Double(
            person=person,
            posts=(a.post, b.post),
            starts_at=max(a.starts_at, b.starts_at),
            ends_at=min(a.ends_at, b.ends_at),
        )
        for person, ones in held.items()
        for a, b in _meeting(sorted(ones, key=lambda one: (one.starts_at, one.post)))
    ]
    return tuple(sorted(found, key=lambda one: (one.starts_at, one.person)))


def _turn(watch: Watch, shift: Shift, calendar: Calendar) -> Turn | None:
    """Return whose turn it is by the newest rotation that holds, None when none does."""
    holding = [one for one in watch.rotations if one.holds(shift.day, calendar) and one.order]
    if not holding:
        return None
    newest = max(holding, key=lambda one: (one.starts_on, one.id))
    return newest.turn(shift.day, shift.number, len(watch.changes), calendar)


def _changing(watch: Watch) -> Iterator[datetime]:
    """Return the moments at which something that differs from the rotation begins or ends."""
    for override in watch.overrides:
        yield from (override.starts_at, override.ends_at)
    for absence in watch.absences:
        yield from (absence.starts_at, absence.ends_at)


def _stretch(
    watch: Watch, shift: Shift, turn: Turn | None, starts: datetime, ends: datetime
) -> Stretch:
    named, why = _named(watch, turn, starts)
    away = {one.person for one in watch.absences if one.starts_at <= starts < one.ends_at}
    there = watch.fit - away
    main = named.main if named.main in there else None
    second = named.stand_in if named.stand_in in there else None
    if second == named.main:  # nobody stands in for himself
        second = None
    if main is None and second is not None:
        main, second, why = second, None, Tier.STAND_IN.value
    return Stretch(
        post=watch.post,
        shift=shift,
        starts_at=starts,
        ends_at=ends,
        main=main,
        stand_in=second,
        why=why,
        named=named,
    )


def _named(watch: Watch, turn: Turn | None, moment: datetime) -> tuple[Named, str]:
    """Return whom the roster names at a moment, and why who is on duty is so."""
    by_tier = {
        one.tier: one
        for one in sorted(watch.overrides, key=lambda one: one.id)
        if one.starts_at <= moment < one.ends_at
    }
    main, second = by_tier.get(Tier.MAIN), by_tier.get(Tier.STAND_IN)
    named = Named(
        main=main.person if main else turn.main if turn else None,
        stand_in=second.person if second else turn.stand_in if turn else None,
    )
    return named, main.why if main else ON_DUTY


def _joined(pieces: Iterable[Stretch]) -> Iterator[Stretch]:
    """Join neighbours between which nothing changed."""
    held: Stretch | None = None
    for piece in pieces:
        if held is not None and _who(held) == _who(piece):
            piece = replace(held, ends_at=piece.ends_at)
        elif held is not None:
            yield held
        held = piece
    if held is not None:
        yield held


def _who(one: Stretch) -> tuple[object, ...]:
    return one.main, one.stand_in, one.why, one.named


def _meeting(ones: Sequence[Stretch]) -> Iterator[tuple[Stretch, Stretch]]:
    """Return the pairs of different posts that overlap; `ones` are in order of their beginning."""
    for place, one in enumerate(ones):
        for other in ones[place + 1 :]:
            if other.starts_at >= one.ends_at:
                break
            if other.post != one.post:
                yield one, other
