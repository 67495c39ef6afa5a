"""The people of the duty watch: whom a post can have, who is away, whose telephone was tried."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from incident.models import Absence, ContactCheck, DutyOverride, Post, Swap, User
from incident.operations import watches
from incident.operations.swaps import OPEN
from incident.operations.watches import Reachable
from incident.queries.bad_contacts import bad_contacts

STALE = timedelta(days=90)
SHOWN_SWAPS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody who can be on duty. `checked_at` None was never tried; `stale` is too long ago.

    `problem` is what is wrong with his telephone: a key of the words "contact_problems".
    """

    user: Reachable
    posts: tuple[str, ...]
    checked_at: datetime | None
    how: str | None
    stale: bool
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """An absence that is not over."""

    id: int
    user: User
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapRow:
    """A swap with the names of those who take part."""

    swap: Swap
    post: Post
    asker: str
    other: str
    decider: str | None

    @property
    def is_open(self) -> bool:
        """Tell whether somebody still has to say something."""
        return self.swap.state in OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideRow:
    """An override that holds, with the names of who is meant and who made it."""

    override: DutyOverride
    person: str
    maker: str | None


def contacts(session: Session, now: datetime) -> tuple[Contact, ...]:
    """Return everybody who can be on duty at a post, first whose telephone needs somebody."""
    posts: dict[int, list[str]] = {}
    users: dict[int, Reachable] = {}
    found = watches.posts(session)
    fit = watches.reachable(session, {post.role for post in found})
    for post in found:
        for user in fit[post.role]:
            users[user.id] = user
            posts.setdefault(user.id, []).append(post.name)
    checks = {
        row.user_id: row
        for row in session.scalars(select(ContactCheck).where(ContactCheck.user_id.in_(users)))
    }
    bad = bad_contacts(session)
    rows = [
        _contact(user, posts[user.id], checks.get(user.id), now, bad.get(user.id))
        for user in users.values()
    ]
    return tuple(
        sorted(rows, key=lambda row: (row.problem is None, not row.stale, row.user.display))
    )


def away(session: Session, now: datetime) -> tuple[Away, ...]:
    """Return the absences that are not over, the earliest first."""
    rows = session.execute(
        select(Absence, User)
        .join(User, User.id == Absence.user_id)
        .where(Absence.revoked_at.is_(None), Absence.ends_at > now)
        .order_by(Absence.starts_at, Absence.id)
    )
    return tuple(
        Away(id=row.id, user=user, starts_at=row.starts_at, ends_at=row.ends_at)
        for row, user in rows
    )


def swaps(session: Session, *, open_only: bool = False) -> tuple[SwapRow, ...]:
    """Return the swaps, the newest first."""
    asker, other, decider = aliased(User), aliased(User), aliased(User)
    query = (
        select(Swap, Post, asker.display, other.display, decider.display)
        .join(Post, Post.id == Swap.post_id)
        .join(asker, asker.id == Swap.asker_id)
        .join(other, other.id == Swap.other_id)
        .outerjoin(decider, decider.id == Swap.decided_by)
        .order_by(Swap.id.desc())
        .limit(SHOWN_SWAPS)
    )
    if open_only:
        query = query.where(Swap.state.in_(OPEN))
    return tuple(
        SwapRow(swap=swap, post=post, asker=asking, other=asked, decider=deciding)
        for swap, post, asking, asked, deciding in session.execute(query)
    )


def waiting(rows: Sequence[SwapRow], person: int | None, now: datetime, *, decides: bool) -> int:
    """Count the swaps that wait for somebody's word."""
    return sum(
        (row.swap.state == "asked" and row.swap.other_id == person)
        or (row.swap.state == "agreed" and decides)
        for row in rows
        if row.swap.starts_at > now
    )


def overrides(
    session: Session, post: Post, starts: datetime, ends: datetime
) -> tuple[OverrideRow, ...]:
    """Return what overrides a length of time, the newest first."""
    person, maker = aliased(User), aliased(User)
    rows = session.execute(
        select(DutyOverride, person.display, maker.display)
        .join(person, person.id == DutyOverride.user_id)
        .outerjoin(maker, maker.id == DutyOverride.made_by)
        .where(
            DutyOverride.post_id == post.id,
            DutyOverride.revoked_at.is_(None),
            DutyOverride.starts_at < ends,
            DutyOverride.ends_at > starts,
        )
        .order_by(DutyOverride.id.desc())
    )
    return tuple(OverrideRow(override=row, person=name, maker=by) for row, name, by in rows)


def _contact(
    user: Reachable,
    posts: list[str],
    check: ContactCheck | None,
    now: datetime,
    problem: str | None,
) -> Contact:
    return Contact(
        user=user,
        posts=tuple(posts),
        checked_at=check.checked_at if check else None,
        how=check.how if check else None,
        stale=check is None or now - check.checked_at > STALE,
        problem=problem,
    )
