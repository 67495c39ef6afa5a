"""Who usually takes part in a drill: those on duty play, the director controls, judges judge."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from drills import participants, runs
from drills.models import DrillRun
from drills.participants import CONTROLLER, EVALUATOR, OBSERVER, PLAYER, SIMULATOR, Member
from drills.scenario.schema import Part
from incident.errors import FieldError, InvalidInput
from incident.models import Role as RoleRow
from incident.models import User, WebSession
from incident.operations import oncall
from incident.rulebook import Rulebook
from incident.who import Who
from workflows.lifecycle import Role

PRESENT = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A part with who has it. `stand_in`: nobody has it, and a scripted colleague plays it."""

    part: Part
    members: tuple[Member, ...]
    stand_in: bool

    @property
    def is_empty(self) -> bool:
        """Tell whether nobody plays it, not even a script."""
        return not self.members and not self.stand_in


def usual(session: Session, run: DrillRun, *, now: datetime, rules: Rulebook) -> None:
    """Enrol the usual people of a new run.

    A player's part goes to the first on duty in its role. Where scripted colleagues may play, it
    goes only to somebody who is signed in, so that a part whose person is away is played all the
    same. Whose telephone is real is left out: the director decides.
    """
    here = _present(session, now) if run.colleagues else None
    for part in runs.scenario_of(run).parts:
        for user in _usual(session, run, part, now=now, rules=rules):
            may = part.plays != PLAYER or here is None or user.id in here
            if may and _suits(session, run, user, part.plays):
                participants.enrol(session, run, user, part.plays, part=part.id)
                if part.plays == PLAYER:
                    break
    for user in _with_role(session, Role.OBSERVER):
        if _suits(session, run, user, OBSERVER):
            participants.enrol(session, run, user, OBSERVER)


def seats(session: Session, run: DrillRun) -> Sequence[Seat]:
    """Return the parts of a run in the order of the scenario, with who has them."""
    members = participants.of_run(session, run)
    found = []
    for part in runs.scenario_of(run).parts:
        own = tuple(one for one in members if one.row.part == part.id)
        scripted = not own and run.colleagues and part.plays == PLAYER
        found.append(Seat(part=part, members=own, stand_in=scripted))
    return found


def add(
    session: Session,
    run: DrillRun,
    account: str,
    part: str,
    *,
    team: str | None = None,
    with_real: bool = False,
) -> User:
    """Enrol somebody in a part, or as an observer; raise InvalidInput with the field."""
    user = session.scalar(select(User).where(User.name == account, User.disabled_at.is_(None)))
    if user is None:
        raise InvalidInput([FieldError("user", "no-such-user")])
    if part == OBSERVER:
        participants.enrol(session, run, user, OBSERVER, team=team)
        return user
    seat = next((one for one in runs.scenario_of(run).parts if one.id == part), None)
    if seat is None:
        raise InvalidInput([FieldError("part", "no-such-part")])
    if seat.desk is not None and seat.desk not in {row.role for row in user.role_rows}:
        raise InvalidInput([FieldError("part", "lacks-role")])
    participants.enrol(session, run, user, seat.plays, part=part, team=team, with_real=with_real)
    return user


def open_parts(session: Session, run: DrillRun, who: Who) -> Sequence[Part]:
    """Return the players' parts that nobody has and that somebody could take by his role."""
    taken = participants.plays(session, run, who)
    if taken or run.ended_at is not None:
        return ()
    return [
        seat.part
        for seat in seats(session, run)
        if seat.part.plays == PLAYER
        and not seat.members
        and seat.part.desk is not None
        and who.may_be(seat.part.desk)
    ]


def _usual(
    session: Session, run: DrillRun, part: Part, *, now: datetime, rules: Rulebook
) -> Iterator[User]:
    """Return who comes into question for a part, the likeliest first."""
    if part.plays == PLAYER and part.desk is not None:
        on_duty = oncall.on_call(session, part.desk, now, rules=rules)
        yield from _users(session, [one.user_id for one in on_duty])
        yield from _with_role(session, part.desk)
    elif part.plays in (CONTROLLER, SIMULATOR) and run.director_id is not None:
        yield from _users(session, [run.director_id])
    elif part.plays == EVALUATOR:
        yield from _with_role(session, Role.EVALUATOR)


def _suits(session: Session, run: DrillRun, user: User, plays: str) -> bool:
    """Tell whether somebody can be enrolled without a second look."""
    others = {row.plays for row in participants.parts_of(session, run, user.id)}
    if plays == PLAYER:
        return not (participants.is_real(user) or others - {PLAYER} or user.id == run.director_id)
    return PLAYER not in others


def _users(session: Session, ids: Sequence[int]) -> list[User]:
    found = {user.id: user for user in session.scalars(select(User).where(User.id.in_(ids)))}
    return [found[id] for id in ids if id in found]


def _with_role(session: Session, role: Role) -> Sequence[User]:
    having = select(RoleRow.user_id).where(RoleRow.role == role)
    query = select(User).where(User.id.in_(having), User.disabled_at.is_(None))
    return session.scalars(query.order_by(User.id)).all()


def _present(session: Session, now: datetime) -> set[int]:
    """Return who is signed in and did something of late."""
    query = select(WebSession.user_id).where(
        WebSession.ended_at.is_(None), WebSession.seen_at > now - PRESENT
    )
    return set(session.scalars(query))
