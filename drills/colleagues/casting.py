"""Who plays a run: its people by part, and the accounts that scripted colleagues act by."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from drills.example_people import accounts
from drills.models import DrillRun, Participant
from incident import words
from incident.models import Role as RoleRow
from incident.models import User
from incident.operations import people
from incident.who import Who
from workflows.lifecycle import Role

PLAYER = "player"
PLAYED = (
    Role.DUTY_OFFICER,
    Role.DUTY_LEADER,
    Role.COMMANDER,
    Role.GROUP_MEMBER,
    Role.EXPERT,
    Role.CHAIR,
)
"""The roles that a response needs; a colleague takes those that no player has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """`players` are the people of each part, `held` the roles that they have at the desk.

    `colleagues` are the accounts of the roles that nobody has, `answering` all accounts for which
    a colleague answers a call, `signing` those whose password is the example's. All are empty
    where a run has no colleagues.
    """

    players: Mapping[str, frozenset[int]]
    held: frozenset[Role]
    colleagues: Mapping[Role, Who]
    answering: frozenset[int]
    signing: frozenset[int]

    def of_parts(self, run: DrillRun, *parts: str) -> list[frozenset[int]]:
        """Return who plays each of some parts, as far as somebody does.

        Nothing where no person plays any: then whoever did it at the desk did it.
        """
        if not any(self.players.get(part) for part in parts):
            return []
        found = (self.players.get(part) or self._stand_in(run, part) for part in parts)
        return [who for who in found if who]

    def _stand_in(self, run: DrillRun, part: str) -> frozenset[int]:
        roles = [one.get("desk") for one in run.content["parts"] if one["id"] == part]
        who = self.colleagues.get(Role(roles[0])) if roles and roles[0] else None
        return frozenset() if who is None else frozenset({who.person})


def cast(session: Session, run: DrillRun) -> Cast:
    """Return who plays a run."""
    rows = session.execute(
        select(Participant.part, Participant.user_id, Participant.plays).where(
            Participant.run_id == run.id
        )
    ).all()
    found: dict[str, set[int]] = {}
    for part, user, plays in rows:
        if part is not None and plays == PLAYER:
            found.setdefault(part, set()).add(user)
    players = {part: frozenset(users) for part, users in found.items()}
    desks = {one["id"]: one.get("desk") for one in run.content.get("parts", ())}
    held = frozenset(Role(desk) for part in players if (desk := desks.get(part)))
    taking_part = {user for _, user, _ in rows}
    return _with_colleagues(session, run, players, held, taking_part)


def _with_colleagues(
    session: Session,
    run: DrillRun,
    players: Mapping[str, frozenset[int]],
    held: frozenset[Role],
    taking_part: set[int],
) -> Cast:
    free: list[User] = []
    if run.colleagues:
        able = select(RoleRow.user_id).where(RoleRow.role.in_(PLAYED))
        query = select(User).where(User.disabled_at.is_(None), User.id.in_(able))
        others = taking_part | {run.director_id}
        free = [one for one in session.scalars(query.order_by(User.id)) if one.id not in others]
    examples = _examples()
    free.sort(key=lambda user: examples.get(user.name, len(examples)))
    chosen = _choose(free, held)
    signing = {user.id for user in free if user.name in examples}
    idle = {user.id for user in free if user.id in signing and not _roles(user) & held}
    return Cast(
        players=players,
        held=held,
        colleagues={role: _as_colleague(role, user) for role, user in chosen.items()},
        answering=frozenset(idle | {user.id for user in chosen.values()}),
        signing=frozenset(signing),
    )


def _choose(free: list[User], held: frozenset[Role]) -> dict[Role, User]:
    """Give each free role to an account that has it, each to another as far as they suffice."""
    chosen: dict[Role, User] = {}
    for role in (role for role in PLAYED if role not in held):
        able = [user for user in free if role in _roles(user)]
        fresh = [user for user in able if user not in chosen.values()]
        if able:
            chosen[role] = (fresh or able)[0]
    return chosen


def _as_colleague(role: Role, user: User) -> Who:
    """Return who acts; entries say that it was a script, whosever account it is."""
    title = words.label("roles", role)
    told = words.phrase("drill_colleagues", "actor", {"role": title})
    return Who(id=user.id, display=told[:60], roles=people.who_is(user).roles)


def _roles(user: User) -> frozenset[Role]:
    return people.who_is(user).roles


@cache
def _examples() -> Mapping[str, int]:
    """Return the names of the example accounts, each with its place."""
    return {one.name: place for place, one in enumerate(accounts())}
