"""Who is on duty at a moment, with what reaches him; never nobody while anybody could come."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from incident.models import Post, User
from incident.operations import watches
from incident.operations.watches import Reachable
from incident.rulebook import Rulebook
from workflows.lifecycle import Role
from workflows.rotation import Stretch, Tier, manned
from workflows.shifts import shift_at

BY_ROLE, BY_GAP = "role", "gap"
GROUP = "group"
"""The address of the group to which robots post; each robot knows its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCall:
    """One person on duty.

    `post` is the code of a post, or role:<role> where no post has it. `tier` is main or stand_in.
    `why` is on_duty, override, swap, import; stand_in when he is there for somebody who cannot be;
    role when no post has the role, gap when its posts have nobody: then everybody with the role is
    meant. `until` is when that changes, None for everybody. `addresses` are by channel.
    """

    user_id: int
    person: str
    post: str
    tier: str
    why: str
    until: datetime | None
    addresses: dict[str, str]


def on_call(session: Session, role: Role, at: datetime, *, rules: Rulebook) -> tuple[OnCall, ...]:
    """Return who is on duty under a role, as `by_role` does."""
    return by_role(session, [role], at, rules=rules)[role]


def by_role(
    session: Session, roles: Iterable[Role], at: datetime, *, rules: Rulebook
) -> dict[Role, tuple[OnCall, ...]]:
    """Return who is on duty under each role: those of all its posts, then their stand-ins.

    A post without anybody calls everybody who has the role, so that nothing falls into a gap.
    Nobody is returned twice under a role. All roles are asked for together.
    """
    wanted = list(dict.fromkeys(roles))
    people = watches.reachable(session, wanted)
    kept: dict[str, list[tuple[Post, Stretch]]] = {role: [] for role in wanted}
    for post, stretch in now_at(session, watches.posts(session, wanted), at, rules=rules):
        kept[post.role].append((post, stretch))
    return {role: _under(role, people[role], kept[role]) for role in wanted}


def now_at(
    session: Session, posts: Sequence[Post], at: datetime, *, rules: Rulebook
) -> Iterator[tuple[Post, Stretch]]:
    """Return each post with its stretch at a moment."""
    shifts = {post.code: shift_at(watches.changes(post), at, rules.zone) for post in posts}
    if not shifts:
        return
    starts = min(shift.starts_at for shift in shifts.values())
    ends = max(shift.ends_at for shift in shifts.values())
    loaded = watches.load(session, posts, starts, ends)
    for post in posts:
        stretches = manned(loaded[post.code], shifts[post.code], rules.calendar)
        yield post, next(one for one in stretches if one.starts_at <= at < one.ends_at)


def addresses(user: User | Reachable) -> dict[str, str]:
    """Return what reaches a person, by channel."""
    found = {"sms": user.phone, "voice": user.phone, "mail": user.mail}
    return {channel: to for channel, to in found.items() if to}


def _under(
    role: Role, people: Sequence[Reachable], kept: Sequence[tuple[Post, Stretch]]
) -> tuple[OnCall, ...]:
    if not kept:
        return tuple(_on_call(user, f"role:{role}", BY_ROLE) for user in people)
    by_id = {user.id: user for user in people}
    found: list[OnCall] = []
    for post, stretch in kept:
        on_duty = list(_people(stretch, by_id))
        found += on_duty or [_on_call(user, post.code, BY_GAP) for user in people]
    return _once(found)


def _once(found: Iterable[OnCall]) -> tuple[OnCall, ...]:
    """Return each person once, as what he is on duty for before what he stands in for."""
    once: dict[int, OnCall] = {}
    for one in sorted(found, key=lambda one: (one.tier != Tier.MAIN, one.why == BY_GAP)):
        once.setdefault(one.user_id, one)
    return tuple(once.values())


def _people(stretch: Stretch, people: dict[int, Reachable]) -> Iterator[OnCall]:
    if stretch.main is not None:
        main = people[stretch.main]
        yield _on_call(main, stretch.post, stretch.why, until=stretch.ends_at)
    if stretch.stand_in is not None:
        second = people[stretch.stand_in]
        until = stretch.ends_at
        yield _on_call(second, stretch.post, "on_duty", tier=Tier.STAND_IN, until=until)


def _on_call(
    user: Reachable, post: str, why: str, *, tier: Tier = Tier.MAIN, until: datetime | None = None
) -> OnCall:
    return OnCall(
        user_id=user.id,
        person=user.display,
        post=post,
        tier=tier.value,
        why=why,
        until=until,
        addresses=addresses(user),
    )
