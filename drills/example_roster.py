"""The duty roster of the example desk: posts, who follows whom, somebody away, a swap asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import yaml
from sqlalchemy.orm import Session

from drills.story import FOLDER
from incident.clock import FrozenClock
from incident.inputs import roster as inputs
from incident.inputs.roster import AbsenceInput, SwapInput
from incident.models import Post, User
from incident.operations import absences, contacts, posts, swaps, watches
from incident.queries import on_duty
from incident.services import Services
from incident.who import DESK, Who
from workflows.rotation import Tier
from workflows.shifts import DAY, at_time, shift_at

AGO = timedelta(days=45)
CHANGE = "08:30"


def make_roster(services: Services, people: Mapping[str, Who]) -> None:
    """Make the roster as it was set up some weeks ago, and what happened since."""
    told = yaml.safe_load((FOLDER / "roster.yaml").read_text(encoding="utf-8"))
    past = replace(services, clock=FrozenClock(services.now() - AGO))
    with past.transaction() as session:
        context = past.context(DESK)
        for one in told["posts"]:
            post = posts.add_post(session, _post(one), context)
            posts.rotate(session, post, _rotation(services, post, one, people), context)
    _since(services, told, people)


def _post(one: Mapping[str, Any]) -> inputs.PostInput:
    raw = {name: one[name] for name in ("name", "role", "two_tiers") if name in one}
    return inputs.post({**raw, "changes": (CHANGE,)})


def _rotation(
    services: Services, post: Post, one: Mapping[str, Any], people: Mapping[str, Who]
) -> inputs.RotationInput:
    """Return a rotation in which the first of the list is on duty now."""
    begun = services.rules.day(services.now() - AGO)
    turn_days = one.get("turn_days", 1)
    order = [_pair(names, people) for names in one["people"]]
    turns = _days_since(services, post, begun) // turn_days % len(order)
    return inputs.rotation(
        {
            "turn_days": turn_days,
            "starts_on": begun,
            "order": [order[(place - turns) % len(order)] for place in range(len(order))],
        }
    )


def _days_since(services: Services, post: Post, begun: date) -> int:
    """Return how many days before the shift that runs now the rotation began."""
    running = shift_at(watches.changes(post), services.now(), services.rules.zone)
    return (running.day - begun).days


def _pair(names: Sequence[str], people: Mapping[str, Who]) -> dict[str, int]:
    return dict(zip(("main", "stand_in"), (people[name].person for name in names), strict=False))


def _since(services: Services, told: Mapping[str, Any], people: Mapping[str, Who]) -> None:
    """Let somebody be away, a swap be asked for, and telephones have been tried."""
    now = services.now()
    with services.transaction() as session:
        away = told["away"]
        first = services.rules.day(now) + away["ahead"] * DAY
        starts = at_time(first, time.min, services.rules.zone)
        gone = AbsenceInput(starts_at=starts, ends_at=starts + away["days"] * DAY)
        user = session.get_one(User, people[away["person"]].person)
        absences.add(session, user, gone, services.context(people[away["person"]]))
        for name, days in told["checked"].items():
            tried = now - timedelta(days=days)
            contacts.checked(session, people[name].person, contacts.CALL, who=DESK, now=tried)
    with services.transaction() as session:
        _ask(session, services, told["swap"], people)


def _ask(
    session: Session, services: Services, swap: Mapping[str, str], people: Mapping[str, Who]
) -> None:
    """Let somebody ask for his next duty to be taken."""
    asker, other = people[swap["asker"]], people[swap["other"]]
    now = services.now()
    coming = on_duty.mine(session, asker.person, services.rules, now)
    duty = next(one for one in coming if one.tier == Tier.MAIN and one.starts_at > now)
    asked = SwapInput(starts_at=duty.starts_at, other=other.person, reason=swap["reason"])
    post = posts.find_post(session, duty.code)
    swaps.ask(session, post, asked, services.context(asker))
