"""Try an action without its traces: what it would refuse, and what it would set going."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from incident.errors import InvalidInput
from incident.models import Incident, IncidentClock, OutgoingMessage, Task
from incident.operations import actions, steps
from incident.services import Services
from incident.who import Who

NOT_YET_SIGNED = "password"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What an action sets going: messages to people, tasks, clocks, and the state after it.

    `signs` says that the action asks for a signature.
    """

    messages: int
    tasks: int
    clocks: int
    state: str
    signs: bool


class _OnlyTried(Exception):
    """Leaves the transaction without a commit."""


def rehearse(
    desk: Services, number: str, name: str, raw: Mapping[str, Any], *, version: int | None, who: Who
) -> Effects:
    """Return the effects of an action that is then undone; raise what the action raises.

    A password is not asked for: the second look comes before the signature.
    """
    effects: list[Effects] = []
    try:
        with desk.transaction() as session:
            beside = actions.also_held(name, raw)
            held = steps.hold(session, number, version=version, beside=beside)
            before = _counts(session, held)
            signs = _perform(session, held, name, raw, desk, who)
            session.flush()
            after = _counts(session, held)
            effects.append(_difference(before, after, held, signs=signs))
            raise _OnlyTried
    except _OnlyTried:
        return effects[0]


def _perform(
    session: Session,
    held: Incident,
    name: str,
    raw: Mapping[str, Any],
    desk: Services,
    who: Who,
) -> bool:
    """Do it, and tell whether only the signature was lacking."""
    try:
        actions.perform(session, held, name, raw, desk.context(who))
    except InvalidInput as error:
        left = [item for item in error.errors if item.field != NOT_YET_SIGNED]
        if left:
            raise InvalidInput(left, error.code) from error
        return True
    return False


def _counts(session: Session, incident: Incident) -> tuple[int, int, int]:
    messages, tasks, clocks = (
        session.scalar(select(func.count()).where(table.incident_id == incident.id)) or 0
        for table in (OutgoingMessage, Task, IncidentClock)
    )
    return messages, tasks, clocks


def _difference(
    before: tuple[int, int, int], after: tuple[int, int, int], incident: Incident, *, signs: bool
) -> Effects:
    messages, tasks, clocks = (late - early for early, late in zip(before, after, strict=True))
    return Effects(messages=messages, tasks=tasks, clocks=clocks, state=incident.state, signs=signs)
