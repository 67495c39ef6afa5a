"""Who is on duty now and next, and when somebody's own turn comes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from incident.models import DutyReminder, Post
from incident.operations import watches
from incident.queries.roster import Person, people
from incident.rulebook import Rulebook
from workflows.rotation import Stretch, Tier, roster
from workflows.shifts import DAY

SOON = 3
MINE_AHEAD = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """A post now and next. `main` None is a gap; `until` is when the present state ends.

    `next_main` relieves him, `relieved_at` is when, and he comes `handover_lead` minutes earlier.
    """

    post: Post
    main: Person | None
    stand_in: Person | None
    missing: Person | None
    why: str
    until: datetime
    next_main: Person | None
    next_stand_in: Person | None

    @property
    def comes_at(self) -> datetime:
        """Return when whoever relieves should be there."""
        return self.until - timedelta(minutes=self.post.handover_lead)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A length of time that is somebody's, as main or as stand-in, in a shift of a day."""

    post: str
    code: str
    day: date
    turn: int
    tier: str
    why: str
    starts_at: datetime
    ends_at: datetime


def present(session: Session, rules: Rulebook, now: datetime) -> tuple[Present, ...]:
    """Return each post now and next; nothing where the desk has no posts."""
    posts = watches.posts(session)
    today = rules.day(now)
    loaded = watches.between(session, posts, today - DAY, today + SOON * DAY, rules)
    told = []
    for post in posts:
        found = roster(loaded[post.code], today - DAY, today + SOON * DAY, rules.calendar)
        coming = [one for one in found if one.ends_at > now]
        told.append((post, coming[0], coming[1]))
    ids = {
        person
        for _, *both in told
        for one in both
        for person in (one.main, one.stand_in, one.missing)
    }
    who = people(session, ids - {None})  # type: ignore[arg-type]
    return tuple(_present(post, first, second, who) for post, first, second in told)


def reminder(session: Session, rules: Rulebook, now: datetime) -> DutyReminder | None:
    """Return what the engine found wrong with the days ahead when it looked today, if anything."""
    found = session.get(DutyReminder, rules.day(now))
    return found if found is not None and (found.gaps or found.doubles) else None


def mine(
    session: Session, person: int, rules: Rulebook, now: datetime, *, days: int = MINE_AHEAD
) -> tuple[Duty, ...]:
    """Return somebody's duties of the days ahead, the one that runs included."""
    posts = watches.posts(session)
    today = rules.day(now)
    loaded = watches.between(session, posts, today - DAY, today + days * DAY, rules)
    found = [
        duty
        for post in posts
        for one in roster(loaded[post.code], today - DAY, today + days * DAY, rules.calendar)
        if one.ends_at > now
        for duty in _his(one, post, person)
    ]
    return tuple(sorted(found, key=lambda duty: (duty.starts_at, duty.code)))


def of_post(
    session: Session, code: str, rules: Rulebook, now: datetime, *, days: int = MINE_AHEAD
) -> list[tuple[Duty, int]]:
    """Return the coming duties at a post, each with whose it is."""
    posts = [post for post in watches.posts(session) if post.code == code]
    today = rules.day(now)
    loaded = watches.between(session, posts, today - DAY, today + days * DAY, rules)
    return [
        (duty, person)
        for post in posts
        for one in roster(loaded[post.code], today, today + days * DAY, rules.calendar)
        for person in (one.main, one.stand_in)
        if person is not None
        for duty in _his(one, post, person)
    ]


def _present(post: Post, now: Stretch, then: Stretch, who: Mapping[int, Person]) -> Present:
    def known(person: int | None) -> Person | None:
        return None if person is None else who[person]

    return Present(
        post=post,
        main=known(now.main),
        stand_in=known(now.stand_in),
        missing=known(now.missing),
        why=now.why,
        until=now.ends_at,
        next_main=known(then.main),
        next_stand_in=known(then.stand_in),
    )


def _his(one: Stretch, post: Post, person: int) -> Iterator[Duty]:
    for tier, there in ((Tier.MAIN, one.main), (Tier.STAND_IN, one.stand_in)):
        if there == person:
            yield Duty(
                post=post.name,
                code=post.code,
                day=one.shift.day,
                turn=one.shift.number,
                tier=tier.value,
                why=one.why,
                starts_at=one.starts_at,
                ends_at=one.ends_at,
            )
