"""Keep the posts of the duty watch, and who follows whom at each."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from incident import words
from incident.errors import FieldError, InvalidInput, NotFound
from incident.inputs.roster import PostInput, RotationInput
from incident.models import Post, Rotation
from incident.operations import timeline, watches
from incident.operations.context import Context
from workflows.rotation import Tier
from workflows.shifts import DAY


def add_post(session: Session, new: PostInput, context: Context) -> Post:
    """Add a post; it is manned by nobody until it has a rotation."""
    post = Post(
        code=_free_code(session, new.role),
        rank=(session.scalar(select(func.max(Post.rank))) or 0) + 1,
        **_columns(new),
    )
    session.add(post)
    session.flush()
    _note_post(session, post, context)
    return post


def change_post(session: Session, post: Post, new: PostInput, context: Context) -> None:
    """Change a post; its role stays, for those on duty have it."""
    if new.role != post.role:
        raise InvalidInput([FieldError("role", "role-fixed")])
    for name, value in _columns(new).items():
        setattr(post, name, value)
    _note_post(session, post, context)


def close_post(session: Session, post: Post, context: Context) -> None:
    """Close a post: nobody is on duty there any more; what was stays readable."""
    post.closed_at = context.now
    timeline.write(
        session,
        None,
        "roster_post_closed",
        who=context.who,
        now=context.now,
        words_for={"post": post.name},
        data={"post": post.code},
    )


def find_post(session: Session, code: str) -> Post:
    """Return a post in use; raise NotFound."""
    post = session.scalar(select(Post).where(Post.code == code, Post.closed_at.is_(None)))
    if post is None:
        raise NotFound
    return post


def rotate(session: Session, post: Post, new: RotationInput, context: Context) -> Rotation:
    """Let people follow each other from a day on; an older rotation gives way where both hold.

    Nobody is relieved in the middle of a shift: one that already runs is not changed.
    """
    today = context.rules.day(context.now)
    running = any(_holds(row, today) for row in _rotations(session, post))
    if new.starts_on < today or (running and new.starts_on == today):
        raise InvalidInput([FieldError("starts_on", "rotation-begun")])
    check_people(session, post, _by_place(new))
    row = Rotation(
        post_id=post.id,
        days=new.days,
        turn_days=new.turn_days,
        order=[[pair.main, pair.stand_in] for pair in new.order],
        starts_on=new.starts_on,
        made_by=context.who.id,
        made_at=context.now,
    )
    session.add(row)
    _note_rotation(session, post, new.starts_on, context)
    return row


def end_rotation(session: Session, row: Rotation, context: Context) -> None:
    """Let a rotation end with today; one that has not begun never will."""
    today = context.rules.day(context.now)
    row.ends_on = today if row.starts_on <= today else row.starts_on - DAY
    post = session.get_one(Post, row.post_id)
    timeline.write(
        session,
        None,
        "roster_rotation_ended",
        who=context.who,
        now=context.now,
        words_for={"post": post.name, "day": row.ends_on.isoformat()},
        data={"post": post.code, "rotation": row.id},
    )


def check_people(session: Session, post: Post, named: Mapping[str, int]) -> None:
    """Refuse people without the role, without an account in use, or whom nothing reaches."""
    fit = {user.id for user in watches.reachable(session, [post.role])[post.role]}
    wrong = [FieldError(field, "not-fit") for field, person in named.items() if person not in fit]
    if wrong:
        raise InvalidInput(wrong)


def _columns(new: PostInput) -> dict[str, object]:
    return {
        "name": new.name,
        "role": new.role.value,
        "changes": list(new.changes),
        "handover_lead": new.handover_lead,
        "two_tiers": new.two_tiers,
    }


def _free_code(session: Session, role: str) -> str:
    taken = set(session.scalars(select(Post.code).where(Post.code.startswith(role))))
    numbered = (f"{role}-{number}" for number in range(2, len(taken) + 3))
    return next(code for code in (role, *numbered) if code not in taken)


def _note_post(session: Session, post: Post, context: Context) -> None:
    gap = words.label("common", "gap")
    timeline.write(
        session,
        None,
        "roster_post",
        who=context.who,
        now=context.now,
        words_for={"post": post.name, "changes": gap.join(post.changes)},
        data={"post": post.code},
    )


def _note_rotation(session: Session, post: Post, starts_on: date, context: Context) -> None:
    timeline.write(
        session,
        None,
        "roster_rotation",
        who=context.who,
        now=context.now,
        words_for={"post": post.name, "day": starts_on.isoformat()},
        data={"post": post.code},
    )


def _rotations(session: Session, post: Post) -> list[Rotation]:
    return list(session.scalars(select(Rotation).where(Rotation.post_id == post.id)))


def _holds(row: Rotation, day: date) -> bool:
    return row.starts_on <= day and (row.ends_on is None or row.ends_on >= day)


def _by_place(new: RotationInput) -> dict[str, int]:
    """Return the people of a rotation by the field that names each."""
    named = {}
    for place, pair in enumerate(new.order):
        for tier, person in ((Tier.MAIN, pair.main), (Tier.STAND_IN, pair.stand_in)):
            if person is not None:
                named[f"order.{place}.{tier}"] = person
    return named
