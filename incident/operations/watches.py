"""Posts as the pure reckoning of duty needs them, read from their tables."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import NamedTuple, TypeVar

from sqlalchemy import BindParameter, bindparam, or_, select
from sqlalchemy.orm import Session

from incident.db import table
from incident.models import Absence, DutyOverride, Post, Rotation, User
from incident.models import Role as RoleRow
from incident.rulebook import Rulebook
from workflows import rotation
from workflows.rotation import Days, Tier, Turn, Watch
from workflows.shifts import DAY, at_time

Row = TypeVar("Row", Rotation, DutyOverride)
# Made once, for every report asks.
_ROLES: BindParameter[str] = bindparam("roles", expanding=True)
_POSTS = select(Post).where(Post.closed_at.is_(None)).order_by(Post.rank, Post.id)
_POSTS_OF = _POSTS.where(Post.role.in_(_ROLES))
_USER, _OF_USER = table(User).c, table(RoleRow).c
_REACHABLE = (
    select(_OF_USER.role, _USER.id, _USER.name, _USER.display, _USER.phone, _USER.mail)
    .join_from(table(RoleRow), table(User))
    .where(
        _OF_USER.role.in_(_ROLES),
        _USER.disabled_at.is_(None),
        or_(_USER.phone.is_not(None), _USER.mail.is_not(None)),
    )
    .order_by(_USER.id)
)


class Reachable(NamedTuple):
    """Somebody who can be called: an account in use with a telephone or an address of mail."""

    id: int
    name: str
    display: str
    phone: str | None
    mail: str | None


def posts(session: Session, roles: Iterable[str] | None = None) -> list[Post]:
    """Return the posts in use, in their order; those of some roles when told."""
    if roles is None:
        return list(session.scalars(_POSTS))
    return list(session.scalars(_POSTS_OF, {"roles": list(roles)}))


def changes(post: Post) -> tuple[time, ...]:
    """Return the local times at which shifts of a post begin."""
    return tuple(time.fromisoformat(change) for change in post.changes)


def load(
    session: Session, wanted: Sequence[Post], starts: datetime, ends: datetime
) -> dict[str, Watch]:
    """Return the posts with everything that matters between two moments, by code."""
    ids = [post.id for post in wanted]
    rotations = _by_post(session.scalars(select(Rotation).where(Rotation.post_id.in_(ids))))
    overrides = _by_post(
        session.scalars(
            select(DutyOverride).where(
                DutyOverride.post_id.in_(ids),
                DutyOverride.revoked_at.is_(None),
                DutyOverride.starts_at < ends,
                DutyOverride.ends_at > starts,
            )
        )
    )
    absences = _absences(session, starts, ends)
    fit = reachable(session, {post.role for post in wanted})
    return {
        post.code: Watch(
            post=post.code,
            changes=changes(post),
            rotations=tuple(map(_rotation, rotations.get(post.id, ()))),
            overrides=tuple(map(_override, overrides.get(post.id, ()))),
            absences=absences,
            fit=frozenset(user.id for user in fit[post.role]),
        )
        for post in wanted
    }


def between(
    session: Session, wanted: Sequence[Post], first: date, last: date, rules: Rulebook
) -> dict[str, Watch]:
    """Return the posts with everything that matters for the shifts of these days, by code."""
    starts = at_time(first - DAY, time.min, rules.zone)
    ends = at_time(last + 3 * DAY, time.min, rules.zone)
    return load(session, wanted, starts, ends)


def reachable(session: Session, roles: Iterable[str]) -> dict[str, list[Reachable]]:
    """Return who can be called under each role."""
    wanted = sorted(roles)
    rows = session.execute(_REACHABLE, {"roles": wanted})
    found: dict[str, list[Reachable]] = {role: [] for role in wanted}
    for role, *who in rows:
        found[role].append(Reachable(*who))
    return found


def _absences(session: Session, starts: datetime, ends: datetime) -> tuple[rotation.Absence, ...]:
    rows = session.scalars(
        select(Absence).where(
            Absence.revoked_at.is_(None), Absence.starts_at < ends, Absence.ends_at > starts
        )
    )
    return tuple(
        rotation.Absence(person=row.user_id, starts_at=row.starts_at, ends_at=row.ends_at)
        for row in rows
    )


def _by_post(rows: Iterable[Row]) -> Mapping[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row.post_id, []).append(row)
    return found


def _rotation(row: Rotation) -> rotation.Rotation:
    return rotation.Rotation(
        id=row.id,
        days=Days(row.days),
        turn_days=row.turn_days,
        order=tuple(Turn(main=main, stand_in=second) for main, second in row.order),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
    )


def _override(row: DutyOverride) -> rotation.Override:
    return rotation.Override(
        id=row.id,
        tier=Tier(row.tier),
        person=row.user_id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        why=row.why,
    )
