"""Watch that somebody is relieved at the hour of the handover, else remind the duty leader."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from incident import words
from incident.models import Post, ReliefCheck, Rotation
from incident.operations import relief, timeline, watches
from incident.operations.relief import Change
from incident.operations.relief_messages import tell_leader
from incident.rulebook import Rulebook
from incident.who import DESK
from notifications.text import Purpose
from workflows.shifts import shift_at


def to_check(
    session: Session, now: datetime, *, grace: timedelta, rules: Rulebook
) -> Iterator[str]:
    """Return the codes of posts whose handover hour is past by `grace` and not looked at yet."""
    for post in relief.posts(session):
        hour = shift_at(watches.changes(post), now, rules.zone).starts_at
        if now >= hour + grace and session.get(ReliefCheck, (post.code, hour)) is None:
            yield post.code


def check(session: Session, code: str, now: datetime, rules: Rulebook) -> bool:
    """Look once whether the officer of the last hour was relieved; say whether it was told."""
    post = next(one for one in relief.posts(session) if one.code == code)
    hour = shift_at(watches.changes(post), now, rules.zone).starts_at
    last, _ = relief.changes(session, post, now, rules)
    told = last is not None and last.due_at == hour and _is_wanted(session, post, last)
    session.add(ReliefCheck(post=code, due_at=hour, told=told, checked_at=now))
    if told and last is not None:
        _remind(session, last, now, rules)
    return told


def _is_wanted(session: Session, post: Post, last: Change) -> bool:
    """Tell whether somebody was there to be relieved, by a roster that held then, and was not."""
    if last.leaves is None or relief.is_relieved(session, last):
        return False
    made = select(func.min(Rotation.made_at)).where(Rotation.post_id == post.id)
    first = session.scalar(made)
    return first is not None and first <= last.due_at


def _remind(session: Session, last: Change, now: datetime, rules: Rulebook) -> None:
    people = tell_leader(
        session,
        Purpose.HANDOVER_LATE,
        f"relief:{last.post}:{last.due_at:%Y%m%d%H%M}",
        now=now,
        rules=rules,
    )
    names = words.label("common", "between").join(people) or words.label("common", "nobody")
    timeline.write(
        session,
        None,
        "handover_late",
        who=DESK,
        now=now,
        words_for={
            "post": last.name,
            "due": f"{last.due_at.astimezone(rules.zone):%m-%d %H:%M}",
            "minutes": int((now - last.due_at).total_seconds()) // 60,
            "leaders": names,
        },
        data={"post": last.post, "due_at": last.due_at.isoformat()},
    )
