"""Swap duties: one asks, the other agrees, a leader who is neither approves."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from incident.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound
from incident.inputs.roster import SwapInput
from incident.models import Post, Swap, User
from incident.operations import posts, roster, timeline, watches
from incident.operations.context import Context
from workflows import rotation
from workflows.rotation import Stretch, Tier
from workflows.shifts import shift_at

ASKED, AGREED, APPROVED = "asked", "agreed", "approved"
DECLINED, REFUSED, WITHDRAWN = "declined", "refused", "withdrawn"
OPEN = (ASKED, AGREED)
SWAP = "swap"


class Duty(NamedTuple):
    """A shift that is somebody's."""

    starts_at: datetime
    ends_at: datetime


def ask(session: Session, post: Post, new: SwapInput, context: Context) -> Swap:
    """Ask another to take one's duty, and perhaps to give one of his for it."""
    asker = context.who.person
    if new.other == asker:
        raise InvalidInput([FieldError("other", "swap-with-self")])
    posts.check_people(session, post, {"other": new.other})
    given = _duty(session, post, asker, new.starts_at, "starts_at", context)
    back = None
    if new.back_starts_at is not None:
        back = _duty(session, post, new.other, new.back_starts_at, "back_starts_at", context)
    swap = Swap(
        post_id=post.id,
        asker_id=asker,
        other_id=new.other,
        starts_at=given.starts_at,
        ends_at=given.ends_at,
        back_starts_at=back.starts_at if back else None,
        back_ends_at=back.ends_at if back else None,
        reason=new.reason,
        state=ASKED,
        asked_at=context.now,
    )
    session.add(swap)
    _note(session, swap, context)
    return swap


def agree(session: Session, swap: Swap, context: Context) -> None:
    """Agree to take the duty; it changes hands once a leader approves."""
    _only(swap.other_id, context)
    _move(session, swap, ASKED, AGREED, context)


def decline(session: Session, swap: Swap, context: Context) -> None:
    """Say no to being asked, or take one's yes back before it was approved."""
    _only(swap.other_id, context)
    _move(session, swap, swap.state, DECLINED, context)


def withdraw(session: Session, swap: Swap, context: Context) -> None:
    """Take back what one asked for, before it was approved."""
    _only(swap.asker_id, context)
    _move(session, swap, swap.state, WITHDRAWN, context)


def approve(session: Session, swap: Swap, context: Context) -> None:
    """Let the duties change hands; nobody approves his own swap."""
    _third_person(swap, context)
    post = session.get_one(Post, swap.post_id)
    _duty(session, post, swap.asker_id, swap.starts_at, "starts_at", context)
    _move(session, swap, AGREED, APPROVED, context)
    taken = {Tier.MAIN: swap.other_id}
    roster.assign(session, post, taken, swap.starts_at, swap.ends_at, context, why=SWAP)
    if swap.back_starts_at is not None and swap.back_ends_at is not None:
        _duty(session, post, swap.other_id, swap.back_starts_at, "back_starts_at", context)
        given = {Tier.MAIN: swap.asker_id}
        roster.assign(
            session, post, given, swap.back_starts_at, swap.back_ends_at, context, why=SWAP
        )


def refuse(session: Session, swap: Swap, context: Context) -> None:
    """Do not approve a swap on which two have agreed."""
    _third_person(swap, context)
    _move(session, swap, AGREED, REFUSED, context)


def find(session: Session, number: int) -> Swap:
    """Return a swap; raise NotFound."""
    swap = session.get(Swap, number, with_for_update=True)
    if swap is None:
        raise NotFound
    return swap


def _duty(
    session: Session, post: Post, person: int, starts: datetime, field: str, context: Context
) -> Duty:
    """Return the shift that begins at a moment, if it is all this person's and yet to come."""
    shift = shift_at(watches.changes(post), starts, context.rules.zone)
    if shift.starts_at <= context.now:
        raise InvalidInput([FieldError(field, "duty-begun")])
    watch = watches.load(session, [post], shift.starts_at, shift.ends_at)[post.code]
    stretches = rotation.manned(watch, shift, context.rules.calendar)
    if not all(_is_his(one, person) for one in stretches):
        raise InvalidInput([FieldError(field, "not-his-duty")])
    return Duty(shift.starts_at, shift.ends_at)


def _is_his(one: Stretch, person: int) -> bool:
    """Tell whether the roster names somebody, there or not: who is away may still swap."""
    return one.named.main == person


def _only(person: int, context: Context) -> None:
    if context.who.person != person:
        raise Forbidden


def _third_person(swap: Swap, context: Context) -> None:
    if context.who.person in (swap.asker_id, swap.other_id):
        raise Forbidden("own-swap")


def _move(session: Session, swap: Swap, state: str, to: str, context: Context) -> None:
    """Move an open swap on; raise Conflict for one that is over or stands elsewhere."""
    if swap.state != state or swap.state not in OPEN:
        raise Conflict("swap-over")
    if to in (AGREED, APPROVED) and swap.starts_at <= context.now:
        raise Conflict("swap-late")
    swap.state = to
    if to in (AGREED, DECLINED):
        swap.answered_at = context.now
    if to in (APPROVED, REFUSED):
        swap.decided_at, swap.decided_by = context.now, context.who.person
    _note(session, swap, context)


def _note(session: Session, swap: Swap, context: Context) -> None:
    session.flush()
    post = session.get_one(Post, swap.post_id)
    timeline.write(
        session,
        None,
        f"swap_{swap.state}",
        who=context.who,
        now=context.now,
        words_for={
            "post": post.name,
            "asker": session.get_one(User, swap.asker_id).display,
            "other": session.get_one(User, swap.other_id).display,
            "time": roster.told(swap.starts_at, swap.ends_at, context),
        },
        data={"swap": swap.id, "post": post.code},
    )
