"""Put others on duty for a while, whatever the rotation says."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from incident import words
from incident.errors import FieldError, InvalidInput, NotFound
from incident.inputs.roster import ChangeInput
from incident.models import DutyOverride, Post, User
from incident.operations import timeline, watches
from incident.operations.context import Context
from incident.operations.posts import check_people
from workflows import rotation
from workflows.rotation import Tier, Watch
from workflows.shifts import DAY

LONGEST_CHANGE = timedelta(days=31)
OVERRIDE = "override"


def change(session: Session, post: Post, new: ChangeInput, context: Context) -> None:
    """Put others on duty for a while."""
    people = {tier: person for tier, person in _tiers(new).items() if person is not None}
    if not people:
        raise InvalidInput([FieldError("main", "required")])
    check_people(session, post, {tier.value: person for tier, person in people.items()})
    check_span(new.starts_at, new.ends_at, context.now)
    assign(session, post, people, new.starts_at, new.ends_at, context, reason=new.reason)
    names = _names(session, people)
    timeline.write(
        session,
        None,
        "roster_changed",
        who=context.who,
        now=context.now,
        words_for={
            "post": post.name,
            "people": names,
            "time": told(new.starts_at, new.ends_at, context),
            "reason": new.reason,
        },
        data={"post": post.code, "people": list(people.values())},
    )


def assign(
    session: Session,
    post: Post,
    people: Mapping[Tier, int],
    starts: datetime,
    ends: datetime,
    context: Context,
    *,
    why: str = OVERRIDE,
    reason: str | None = None,
) -> None:
    """Write overrides; raise InvalidInput where somebody would stand in for himself."""
    put(session, post, people, starts, ends, context, why=why, reason=reason)
    session.flush()
    watch = watches.load(session, [post], starts - DAY, ends + DAY)[post.code]
    _refuse_own_stand_in(watch, starts, ends, context)


def put(
    session: Session,
    post: Post,
    people: Mapping[Tier, int],
    starts: datetime,
    ends: datetime,
    context: Context,
    *,
    why: str,
    reason: str | None = None,
) -> None:
    """Write overrides that are known to be good."""
    for tier, person in people.items():
        session.add(
            DutyOverride(
                post_id=post.id,
                tier=tier.value,
                starts_at=starts,
                ends_at=ends,
                user_id=person,
                why=why,
                reason=reason,
                made_by=context.who.id,
                made_at=context.now,
            )
        )


def revoke(session: Session, post: Post, override_id: int, context: Context) -> None:
    """Take an override back; raise NotFound."""
    row = session.get(DutyOverride, override_id)
    if row is None or row.post_id != post.id or row.revoked_at is not None:
        raise NotFound
    row.revoked_at = context.now
    session.flush()
    watch = watches.load(session, [post], row.starts_at - DAY, row.ends_at + DAY)[post.code]
    _refuse_own_stand_in(watch, row.starts_at, row.ends_at, context)
    timeline.write(
        session,
        None,
        "roster_change_revoked",
        who=context.who,
        now=context.now,
        words_for={"post": post.name, "time": told(row.starts_at, row.ends_at, context)},
        data={"post": post.code, "override": row.id},
    )


def check_span(starts: datetime, ends: datetime, now: datetime) -> None:
    """Refuse a length of time that is over, runs backwards, or is too long."""
    if ends <= starts:
        raise InvalidInput([FieldError("ends_at", "before", {"other": "starts_at"})])
    if ends <= now:
        raise InvalidInput([FieldError("ends_at", "in-past")])
    if ends - starts > LONGEST_CHANGE:
        raise InvalidInput([FieldError("ends_at", "span-too-long", {"days": LONGEST_CHANGE.days})])


def told(starts: datetime, ends: datetime, context: Context) -> str:
    """Return a length of time as the timeline tells it, in the office's zone."""
    local = (moment.astimezone(context.rules.zone) for moment in (starts, ends))
    return " – ".join(f"{moment:%Y-%m-%d %H:%M}" for moment in local)


def _tiers(new: ChangeInput) -> dict[Tier, int | None]:
    return {Tier.MAIN: new.main, Tier.STAND_IN: new.stand_in}


def _refuse_own_stand_in(watch: Watch, starts: datetime, ends: datetime, context: Context) -> None:
    zone = context.rules.zone
    first = starts.astimezone(zone).date() - DAY
    stretches = rotation.roster(
        replace(watch, absences=()), first, ends.astimezone(zone).date(), context.rules.calendar
    )
    for one in stretches:
        meets = one.starts_at < ends and one.ends_at > starts
        if meets and one.named.main is not None and one.named.main == one.named.stand_in:
            raise InvalidInput([FieldError("stand_in", "own-stand-in")])


def _names(session: Session, people: Mapping[Tier, int]) -> str:
    gap = words.label("common", "gap")
    return gap.join(
        f"{words.label('tiers', tier)} {session.get_one(User, person).display}"
        for tier, person in people.items()
    )
