"""What may be done with an incident now, by whom, and what stands in the way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from incident.models import Incident
from incident.operations import consulting, grading, settling
from incident.operations.actions import DOORS
from incident.operations.steps import UNGRADED
from incident.rulebook import Rulebook
from incident.who import Who
from workflows.lifecycle import ASIDE, Action, State, Transition, open_steps
from workflows.plan import Grade
from workflows.response import needs_experts


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One step. `why` is the code of what stands in its way, None when it is free.

    `proposes` says that this person only proposes it, and `role` confirms.
    """

    action: str
    role: str
    is_mine: bool
    proposes: bool = False
    why: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    session: Session
    incident: Incident
    who: Who
    now: datetime
    rules: Rulebook
    row: Transition


Obstacle = tuple[str, Mapping[str, object]] | None


def choices(
    session: Session, incident: Incident, who: Who, *, now: datetime, rules: Rulebook
) -> tuple[Choice, ...]:
    """Return the steps open in the incident's state, in the order of the table."""
    ungraded = incident.grade == UNGRADED
    return tuple(
        _choice(_Case(session=session, incident=incident, who=who, now=now, rules=rules, row=row))
        for row in open_steps(State(incident.state), ungraded=ungraded)
    )


def beside(incident: Incident, who: Who) -> frozenset[str]:
    """Return the actions outside the table that this person may do now."""
    over = incident.state in ASIDE or incident.state == State.CLOSED
    names = {name for name, door in DOORS.items() if door.roles and who.may_be(*door.roles)}
    return frozenset(names - {"update_facts", "instruct"} if over else names)


def _choice(case: _Case) -> Choice:
    row = case.row
    check = _OBSTACLES.get(row.action)
    obstacle = check(case) if check else None
    why, values = obstacle or (None, {})
    return Choice(
        action=row.action,
        role=row.role,
        is_mine=case.who.may_be(row.role, *row.proposers),
        proposes=_proposes(case),
        why=why,
        values=values,
    )


def _proposes(case: _Case) -> bool:
    if not case.row.proposers:
        return False
    proposer = settling.dismissal_proposer(case.session, case.incident)
    return settling.only_proposes(case.row, case.who, proposer)


def _second_person(case: _Case) -> Obstacle:
    proposal = grading.open_proposal(case.session, case.incident.id)
    if proposal is None:
        return "needs-proposal", {}
    return ("own-proposal", {}) if proposal.proposed_by == case.who.id else None


def _dismissal(case: _Case) -> Obstacle:
    proposer = settling.dismissal_proposer(case.session, case.incident)
    if settling.only_proposes(case.row, case.who, proposer):
        return None
    if proposer is None:
        return "needs-proposal", {}
    return ("own-proposal", {}) if proposer == case.who.id else None


def _graded(case: _Case) -> Obstacle:
    if case.incident.grade == UNGRADED:
        return "ungraded", {}
    return ("not-graded", {}) if case.incident.grade is None else None


def _experts(case: _Case) -> Obstacle:
    grade = case.incident.grade
    if case.incident.state != State.RESPONDING or grade is None or grade == UNGRADED:
        return None
    group = needs_experts(case.rules.library.plan(case.incident.plan), Grade(grade))
    return ("experts-needed", {"basis": group.basis}) if group else None


def _opinions(case: _Case) -> Obstacle:
    running = consulting.running(case.session, case.incident.id)
    if running is None:
        return "no-consultation", {}
    is_open = consulting.is_open_to_read(case.session, running, case.now)
    return None if is_open else ("opinions-missing", {})


_OBSTACLES: Mapping[str, Callable[[_Case], Obstacle]] = {
    Action.DISMISS: _dismissal,
    Action.APPROVE_GRADE: _second_person,
    Action.REGRADE: _second_person,
    Action.ACTIVATE: _graded,
    Action.DISPOSE: _experts,
    Action.CONCLUDE: _opinions,
}
