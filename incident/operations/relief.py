"""When one officer relieves another: the hours at which the watch of a post changes hands."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from incident import words
from incident.models import Handover, Post
from incident.operations import watches
from incident.rulebook import Rulebook
from workflows.lifecycle import Role
from workflows.rotation import Stretch, roster
from workflows.shifts import DAY

ROLE = Role.DUTY_OFFICER
AROUND = 32 * DAY  # longer than anybody has the watch without a change
OPEN, SIGNED, ACCEPTED, PARTLY = "open", "signed", "accepted", "partly"
REFUSED, WITHDRAWN = "refused", "withdrawn"
RUNNING = (OPEN, SIGNED)
RELIEVED = (ACCEPTED, PARTLY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The hour `due_at` at which a post passes from one officer to another.

    `leaves` and `comes` are ids of people, None where the roster names nobody; `began_at` is since
    when who leaves has been there, None where nobody can say, and `ends_at` until when who comes.
    """

    post: str
    name: str
    due_at: datetime
    leaves: int | None
    comes: int | None
    began_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A length of time in which one person, or nobody, has a post."""

    main: int | None
    starts_at: datetime
    ends_at: datetime


def posts(session: Session) -> list[Post]:
    """Return the posts that keep the watch."""
    return watches.posts(session, [ROLE])


def next_change(session: Session, post: Post | None, now: datetime, rules: Rulebook) -> Change:
    """Return the change that a handover which begins now is about.

    It is the one that has just passed without a handover, until half of the new watch is over;
    else the coming one. `post` None is a desk without posts, which changes whenever it does.
    """
    if post is None:
        return _without_roster(now)
    last, coming = changes(session, post, now, rules)
    if last is None or last.ends_at is None or is_relieved(session, last):
        return coming
    is_fresh = now - last.due_at < (last.ends_at - last.due_at) / 2
    return last if is_fresh else coming


def changes(
    session: Session, post: Post, now: datetime, rules: Rulebook
) -> tuple[Change | None, Change]:
    """Return the change before a moment, None where none is known, and the one after it."""
    today = rules.day(now)
    watch = watches.between(session, [post], today - AROUND, today + AROUND, rules)[post.code]
    runs = _runs(roster(watch, today - AROUND, today + AROUND, rules.calendar))
    place = next(n for n, run in enumerate(runs) if run.starts_at <= now < run.ends_at)
    last = _change(post, runs[place - 1], runs[place]) if place else None
    following = runs[place + 1] if place + 1 < len(runs) else None
    return last, _change(post, runs[place], following)


def running(session: Session, change: Change) -> Handover | None:
    """Return the handover of a change that is under way, None when there is none."""
    return session.scalars(
        _of(change).where(Handover.state.in_(RUNNING)).order_by(Handover.id.desc()).limit(1)
    ).first()


def is_relieved(session: Session, change: Change) -> bool:
    """Tell whether somebody has taken over at a change."""
    found = session.scalar(_of(change).where(Handover.state.in_(RELIEVED)).limit(1))
    return found is not None


def _of(change: Change) -> Select[Handover]:
    return select(Handover).where(Handover.post == change.post, Handover.due_at == change.due_at)


def _runs(stretches: Iterable[Stretch]) -> list[Run]:
    """Return the stretches as runs of one person each."""
    runs: list[Run] = []
    for one in stretches:
        same = bool(runs) and runs[-1].main == one.main
        starts = runs.pop().starts_at if same else one.starts_at
        runs.append(Run(main=one.main, starts_at=starts, ends_at=one.ends_at))
    return runs


def _change(post: Post, before: Run, after: Run | None) -> Change:
    return Change(
        post=post.code,
        name=post.name,
        due_at=before.ends_at,
        leaves=before.main,
        comes=after.main if after else None,
        began_at=before.starts_at,
        ends_at=after.ends_at if after else None,
    )


def _without_roster(now: datetime) -> Change:
    return Change(
        post=f"role:{ROLE}",
        name=words.label("roles", ROLE),
        due_at=now.replace(second=0, microsecond=0),
        leaves=None,
        comes=None,
        began_at=None,
        ends_at=None,
    )
