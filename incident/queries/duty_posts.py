"""Posts with their rotations, as those who keep them see them."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.models import Post, Rotation
from incident.operations import watches
from incident.queries.roster import Person, people


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationRow:
    """A rotation with its people. `state` is now, later or over."""

    id: int
    days: str
    turn_days: int
    starts_on: date
    ends_on: date | None
    order: tuple[tuple[Person, Person | None], ...]
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRow:
    """A post with the rotations that hold or will."""

    post: Post
    rotations: tuple[RotationRow, ...]


def rows(session: Session, today: date) -> tuple[PostRow, ...]:
    """Return the posts in their order."""
    return tuple(
        PostRow(
            post=post,
            rotations=tuple(row for row in rotations(session, post, today) if row.state != "over"),
        )
        for post in watches.posts(session)
    )


def rotations(session: Session, post: Post, today: date) -> tuple[RotationRow, ...]:
    """Return the rotations of a post, the newest first; what never held is left out."""
    found = [
        row
        for row in session.scalars(
            select(Rotation)
            .where(Rotation.post_id == post.id)
            .order_by(Rotation.starts_on.desc(), Rotation.id.desc())
        )
        if row.ends_on is None or row.ends_on >= row.starts_on
    ]
    named = {person for row in found for pair in row.order for person in pair if person}
    who = people(session, named)
    return tuple(
        RotationRow(
            id=row.id,
            days=row.days,
            turn_days=row.turn_days,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            order=tuple((who[main], who[second] if second else None) for main, second in row.order),
            state=_state(row, today),
        )
        for row in found
    )


def _state(row: Rotation, today: date) -> str:
    if row.ends_on is not None and row.ends_on < today:
        return "over"
    return "later" if row.starts_on > today else "now"
