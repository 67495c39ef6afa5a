"""Whom an alert may come to reach, each with his ladder: frozen when the alert begins."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from incident.models import Incident
from incident.operations.drill_time import REAL, DrillTime
from incident.operations.oncall import BY_ROLE, GROUP, OnCall, by_role
from incident.rulebook import Rulebook
from workflows import escalation
from workflows.lifecycle import Role
from workflows.plan import CalloutEvent, ChannelName, Escalation, Grade, Tier
from workflows.response import demands

# One who keeps the watch is enough; of any other role each is wanted in person.
WATCH = frozenset({Role.DUTY_OFFICER, Role.DUTY_LEADER})
ANY_POST = "*"
ROBOT = ChannelName.ROBOT.value
Ladder = list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What the plan says of an event: how it climbs, and which roles it calls."""

    policy: Escalation
    roles: tuple[Role, ...]


def demanded(incident: Incident, event: CalloutEvent, *, rules: Rulebook) -> Call:
    """Return how the incident's own plan wants people called out on an event."""
    grade = Grade(incident.grade) if incident.grade in set(Grade) else None
    plan = rules.library.plan(incident.plan)
    wanted = demands(plan, grade, setting=incident.setting, kind=incident.kind)
    policy = escalation.policy(
        plan, event, grade=grade, setting=incident.setting, kind=incident.kind
    )
    return Call(policy=policy, roles=wanted.roles(event))


def freeze(
    session: Session, call: Call, *, now: datetime, rules: Rulebook, time: DrillTime = REAL
) -> list[dict[str, Any]]:
    """Return the rows of everybody whom the alert may come to reach, but for their codes.

    `waits_for` is the post of which one answer is enough: it spares all the others there. It is
    None for those who are wanted in person, and ANY_POST for the leader above all posts. Who is
    called for two reasons is called once, by the nearer one. The robot of a group posts with the
    first of them alone. `time` is what the steps go by.
    """
    ladders: dict[str, Ladder] = {tier: _ladder(call.policy, tier, now, time) for tier in Tier}
    leaders = (Role.DUTY_LEADER,) if ladders[Tier.LEADER] else ()
    on_duty = by_role(session, [*call.roles, *leaders], now, rules=rules)
    found = [(one, role) for role in call.roles for one in on_duty[role]]
    found.sort(key=lambda pair: pair[0].tier != Tier.MAIN)
    rows: dict[int, dict[str, Any]] = {}
    for one, role in found:
        if ladders[one.tier]:
            rows.setdefault(one.user_id, _row(one, _shared(one, role), ladders[one.tier]))
    _join_posts(rows, [one for one, _ in found])
    for role in leaders:
        for one in on_duty[role]:
            rows.setdefault(one.user_id, _leader(one, ladders[Tier.LEADER]))
    return _with_group(list(rows.values()), rules)


def _with_group(rows: list[dict[str, Any]], rules: Rulebook) -> list[dict[str, Any]]:
    """Let the group be told with the first person called, and with nobody else: it is one.

    Where the plan says nothing of it, the group is told at once.
    """
    for place, row in enumerate(rows):
        if place or not rules.tells_group:
            row["ladder"] = [step | {"channels": _personal(step)} for step in row["ladder"]]
            continue
        row["addresses"][ROBOT] = GROUP
        if not any(ROBOT in step["channels"] for step in row["ladder"]):
            first = row["ladder"][0]
            row["ladder"][0] = first | {"channels": [*first["channels"], ROBOT]}
    return rows


def _personal(step: Mapping[str, Any]) -> list[str]:
    return [name for name in step["channels"] if name != ROBOT]


def _join_posts(rows: Mapping[int, dict[str, Any]], found: Iterable[OnCall]) -> None:
    """Let a post whose people all keep another one too be answered by what they answer there."""
    kept = {row["post"] for row in rows.values() if row["tier"] == Tier.MAIN}
    elsewhere = {
        one.post: rows[one.user_id]["post"]
        for one in found
        if one.tier == Tier.MAIN and one.post not in kept and one.user_id in rows
    }
    for row in rows.values():
        row["waits_for"] = elsewhere.get(row["waits_for"], row["waits_for"])


def _shared(one: OnCall, role: Role) -> str | None:
    return one.post if one.why != BY_ROLE or role in WATCH else None


def _row(one: OnCall, waits_for: str | None, ladder: Ladder) -> dict[str, Any]:
    return {
        "user_id": one.user_id,
        "person": one.person,
        "post": one.post,
        "tier": one.tier,
        "why": one.why,
        "waits_for": waits_for,
        "addresses": dict(one.addresses),
        "ladder": list(ladder),
        "next_at": datetime.fromisoformat(ladder[0]["at"]),
    }


def _leader(one: OnCall, ladder: Ladder) -> dict[str, Any]:
    return _row(one, ANY_POST, ladder) | {"tier": Tier.LEADER.value}


def _ladder(policy: Escalation, tier: Tier, now: datetime, time: DrillTime) -> Ladder:
    return [
        {
            "at": time.project(now, now + step.after).isoformat(),
            "channels": [str(name) for name in step.channels],
        }
        for step in escalation.ladder(policy, tier)
    ]
