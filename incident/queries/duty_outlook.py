"""What is wrong with the duty watch in the days ahead: gaps, double bookings, posts that lack."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from incident.models import Post
from incident.operations import watches
from incident.queries.roster import Person, people
from incident.rulebook import Rulebook
from workflows.lifecycle import Role
from workflows.rotation import Stretch, doubles, gaps, roster
from workflows.shifts import DAY

AHEAD = 30
NEEDED = (Role.DUTY_OFFICER, Role.DUTY_LEADER)
"""Roles that must have a post: without one, everybody who has the role is called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A length of time in which a post has nobody; `missing` should be there and cannot."""

    post: str
    code: str
    starts_at: datetime
    ends_at: datetime
    missing: Person | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """Somebody who is at two posts at once."""

    person: Person
    posts: tuple[str, str]
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The days ahead. `thin` are lengths without the stand-in that their post asks for.

    `lacking` are roles without a post; `calendar_ends` is set when the table of holidays does.
    """

    until: date
    posts: int
    gaps: tuple[Gap, ...]
    thin: tuple[Gap, ...]
    doubles: tuple[Booking, ...]
    lacking: tuple[str, ...]
    calendar_ends: date | None

    @property
    def is_whole(self) -> bool:
        """Tell whether every hour has somebody, and nobody two posts."""
        return not (self.gaps or self.doubles or self.lacking)


def outlook(session: Session, rules: Rulebook, now: datetime, *, days: int = AHEAD) -> Outlook:
    """Look so many days ahead, from now on."""
    today = rules.day(now)
    last = today + days * DAY
    posts = watches.posts(session)
    loaded = watches.between(session, posts, today - DAY, last, rules)
    ahead = [
        replace(one, starts_at=max(one.starts_at, now))
        for watch in loaded.values()
        for one in roster(watch, today - DAY, last, rules.calendar)
        if one.ends_at > now
    ]
    empty, twice = gaps(ahead), doubles(ahead)
    alone = [one for one in ahead if one.main is not None and one.stand_in is None]
    ids = {one.missing for one in empty if one.missing is not None}
    who = people(session, ids | {one.person for one in twice})
    by_code = {post.code: post for post in posts}
    return Outlook(
        until=last,
        posts=len(posts),
        gaps=_gaps(empty, by_code, who),
        thin=_gaps([one for one in alone if by_code[one.post].two_tiers], by_code, who),
        doubles=tuple(
            Booking(
                person=who[one.person],
                posts=(by_code[one.posts[0]].name, by_code[one.posts[1]].name),
                starts_at=one.starts_at,
                ends_at=one.ends_at,
            )
            for one in twice
        ),
        lacking=tuple(role for role in NEEDED if role not in {post.role for post in posts}),
        calendar_ends=None if rules.calendar.knows(last) else rules.calendar.known_until,
    )


def _gaps(
    stretches: Iterable[Stretch], posts: Mapping[str, Post], who: Mapping[int, Person]
) -> tuple[Gap, ...]:
    """Return lengths without anybody, those that touch told as one, the earliest first."""
    found: list[Gap] = []
    for one in stretches:
        missing = who.get(one.missing) if one.missing is not None else None
        last = found[-1] if found else None
        if last and (last.code, last.ends_at, last.missing) == (one.post, one.starts_at, missing):
            found[-1] = replace(last, ends_at=one.ends_at)
        else:
            found.append(
                Gap(
                    post=posts[one.post].name,
                    code=one.post,
                    starts_at=one.starts_at,
                    ends_at=one.ends_at,
                    missing=missing,
                )
            )
    return tuple(sorted(found, key=lambda gap: (gap.starts_at, gap.code)))


def hours(found: Sequence[Gap]) -> int:
    """Return how many hours lengths of time make together, begun ones counted."""
    whole = sum((one.ends_at - one.starts_at for one in found), timedelta())
    return -(-whole // timedelta(hours=1))
