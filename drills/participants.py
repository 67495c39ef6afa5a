"""Who takes part in a run, as what, and what that lets him see.

A player of a run never sees the controllers' material of that run, whatever roles he has.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from drills.models import DrillRun, Participant
from incident.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound
from incident.models import User
from incident.operations import people
from incident.who import Who
from workflows.lifecycle import Role

PLAYER: Final = "player"
SIMULATOR: Final = "simulator"
CONTROLLER: Final = "controller"
EVALUATOR: Final = "evaluator"
OBSERVER: Final = "observer"
PLAYS = (PLAYER, SIMULATOR, CONTROLLER, EVALUATOR, OBSERVER)
BY_ROLE: Mapping[Role, str] = {
    Role.DIRECTOR: CONTROLLER,
    Role.EVALUATOR: EVALUATOR,
    Role.OBSERVER: OBSERVER,
}
"""What somebody is in every run by his role at the desk, unless he plays there."""
RESERVED = (".invalid", ".example", ".test", "example.com", "example.org", "example.net")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One participant as pages show him; `is_real`: a telephone or address of his could ring."""

    row: Participant
    user: User
    is_real: bool


def enrol(
    session: Session,
    run: DrillRun,
    user: User,
    plays: str,
    *,
    part: str | None = None,
    team: str | None = None,
    with_real: bool = False,
) -> Participant:
    """Let somebody take part; who does already keeps his row, with the new team.

    A player with a real telephone or address is refused, unless the director says `with_real`:
    nothing is ever sent there, so he has to look at the screen.
    """
    _refuse(session, run, user, plays)
    if plays == PLAYER and is_real(user) and not with_real:
        raise InvalidInput([FieldError("user", "real-telephone")])
    for row in parts_of(session, run, user.id):
        if row.part == part and row.plays == plays:
            row.team = team or row.team
            return row
    row = Participant(run_id=run.id, user_id=user.id, part=part, plays=plays, team=team)
    session.add(row)
    session.flush()
    return row


def drop(session: Session, run: DrillRun, participant_id: int) -> Participant:
    """Let somebody no longer take part; raise NotFound."""
    row = session.get(Participant, participant_id)
    if row is None or row.run_id != run.id:
        raise NotFound
    session.delete(row)
    return row


def of_run(session: Session, run: DrillRun) -> Sequence[Member]:
    """Return all participants of a run in the order in which they were enrolled."""
    rows = session.execute(
        select(Participant, User)
        .join(User, User.id == Participant.user_id)
        .where(Participant.run_id == run.id)
        .order_by(Participant.id)
    )
    return [Member(row=row, user=user, is_real=is_real(user)) for row, user in rows]


def parts_of(session: Session, run: DrillRun, user_id: int | None) -> Sequence[Participant]:
    """Return what somebody is enrolled as in a run."""
    query = select(Participant).where(Participant.run_id == run.id, Participant.user_id == user_id)
    return session.scalars(query.order_by(Participant.id)).all()


def plays(session: Session, run: DrillRun, who: Who) -> frozenset[str]:
    """Return all that somebody is in a run; who plays is nothing else there."""
    enrolled = {row.plays for row in parts_of(session, run, who.id)}
    if PLAYER in enrolled:
        return frozenset({PLAYER})
    return frozenset(enrolled | {play for role, play in BY_ROLE.items() if who.may_be(role)})


def require(session: Session, run: DrillRun, who: Who, *wanted: str) -> None:
    """Raise Forbidden unless somebody is one of these in the run."""
    found = plays(session, run, who)
    if found.isdisjoint(wanted):
        raise Forbidden("drill-player" if PLAYER in found else "drill-not-yours")


def require_director(session: Session, run: DrillRun, who: Who) -> None:
    """Raise Forbidden for a player, and Conflict while somebody else directs the run."""
    require(session, run, who, CONTROLLER)
    if run.director_id is not None and run.director_id != who.id:
        director = session.get(User, run.director_id)
        raise Conflict("drill-other-director", person=director.display if director else "")


def plays_scenario(session: Session, scenario: str, who: Who) -> bool:
    """Tell whether a scenario is secret to somebody: he plays in a run of it that goes on."""
    query = (
        select(Participant.id)
        .join(DrillRun, DrillRun.id == Participant.run_id)
        .where(
            DrillRun.scenario == scenario,
            DrillRun.ended_at.is_(None),
            Participant.user_id == who.id,
            Participant.plays == PLAYER,
        )
    )
    return session.scalar(query.limit(1)) is not None


def is_real(user: User) -> bool:
    """Tell whether a telephone or an address of somebody could reach a real device."""
    telephone = user.phone is not None and not user.phone.startswith(people.EXAMPLE_PREFIX)
    return telephone or (user.mail is not None and not user.mail.lower().endswith(RESERVED))


def _refuse(session: Session, run: DrillRun, user: User, plays: str) -> None:
    if user.disabled_at is not None:
        raise InvalidInput([FieldError("user", "no-such-user")])
    if run.ended_at is not None:
        raise Conflict("drill-over")
    others = {row.plays for row in parts_of(session, run, user.id)}
    if plays == PLAYER and (run.director_id == user.id or others - {PLAYER}):
        raise InvalidInput([FieldError("user", "knows-the-drill")])
    if plays != PLAYER and PLAYER in others:
        raise InvalidInput([FieldError("user", "plays-already")])
