"""All actions on an incident by name: what each must bring, and the operation that does it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from incident.errors import Forbidden, NotFound
from incident.inputs import actions as inputs
from incident.inputs.base import Input, parse
from incident.models import Incident
from incident.operations import (
    closing,
    consulting,
    facts,
    grading,
    instructions,
    moments,
    notes,
    responding,
    settling,
    steps,
)
from incident.operations.context import Context
from workflows.lifecycle import Action, Role

Operation = Callable[[Session, Incident, Any, Context], object]

STAFF = (Role.DUTY_OFFICER, Role.DUTY_LEADER, Role.COMMANDER, Role.GROUP_MEMBER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One action: its input, its operation, and for those outside the table, who may."""

    brings: type[Input]
    does: Operation
    roles: tuple[Role, ...] = ()


def _update_facts(
    session: Session, incident: Incident, bring: inputs.UpdateFacts, context: Context
) -> None:
    facts.update(session, incident, bring, who=context.who, now=context.now, rules=context.rules)
    moments.keep(session, incident, bring.facts, context)


DOORS: Mapping[str, Door] = {
    Action.VERIFY: Door(brings=inputs.Verify, does=settling.verify),
    Action.DISMISS: Door(brings=inputs.Dismiss, does=settling.dismiss),
    Action.MERGE: Door(brings=inputs.Merge, does=settling.merge),
    Action.TRANSFER: Door(brings=inputs.Transfer, does=settling.transfer),
    Action.PROPOSE_GRADE: Door(brings=inputs.ProposeGrade, does=grading.propose),
    Action.APPROVE_GRADE: Door(brings=inputs.ApproveGrade, does=grading.approve),
    Action.ACTIVATE: Door(brings=inputs.Activate, does=responding.activate),
    Action.REGRADE: Door(brings=inputs.Regrade, does=grading.regrade),
    Action.CONVENE: Door(brings=inputs.Convene, does=consulting.convene),
    Action.CONCLUDE: Door(brings=inputs.Conclude, does=consulting.conclude),
    Action.DISPOSE: Door(brings=inputs.Dispose, does=responding.dispose),
    Action.TERMINATE: Door(brings=inputs.Terminate, does=responding.terminate),
    Action.ARCHIVE: Door(brings=inputs.Archive, does=closing.archive),
    Action.REOPEN: Door(brings=inputs.Reopen, does=closing.reopen),
    "update_facts": Door(brings=inputs.UpdateFacts, does=_update_facts, roles=STAFF),
    "note": Door(
        brings=inputs.Note,
        does=notes.note,
        roles=(*STAFF, Role.LEADER, Role.EXPERT, Role.CHAIR),
    ),
    "instruct": Door(
        brings=inputs.Instruct, does=instructions.give, roles=instructions.MAY_INSTRUCT
    ),
    "acknowledge": Door(
        brings=inputs.Acknowledge,
        does=notes.acknowledge,
        roles=(*STAFF, Role.LEADER, Role.EXPERT, Role.CHAIR),
    ),
}


def also_held(name: str, raw: Mapping[str, Any]) -> str | None:
    """Return the number of the other incident that an action changes, to be held with its own.

    Nothing is checked here: what cannot be a number is refused by the action itself.
    """
    into = raw.get("into") if name == Action.MERGE else None
    is_plain = isinstance(into, str) and into.isascii() and into.isprintable()
    return into.strip() if isinstance(into, str) and is_plain else None


def perform(
    session: Session, incident: Incident, name: str, raw: Mapping[str, Any], context: Context
) -> object:
    """Do an action from its raw input; raise what errors.py draws.

    An action that is not open is told before what it lacks.
    """
    door = DOORS.get(name)
    if door is None:
        raise NotFound("no-such-action", action=name)
    if door.roles:
        if not context.who.may_be(*door.roles):
            raise Forbidden("wrong-role", role=door.roles[0])
    else:
        steps.check(incident, Action(name), context.who)
    return door.does(session, incident, parse(door.brings, raw), context)
