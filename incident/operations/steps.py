"""The one door through which an incident changes its state."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from incident.errors import Forbidden, IllegalStep, NotFound, StaleVersion
from incident.models import Incident
from incident.operations import alerts, clocks, facts, timeline
from incident.operations.alert_states import CLOSED
from incident.operations.context import Context
from incident.who import Who
from workflows.lifecycle import ASIDE, Action, State, Transition, find, open_steps

UNGRADED = "ungraded"
MOMENTS = {
    Action.VERIFY: "verified",
    Action.APPROVE_GRADE: "graded",
    Action.ACTIVATE: "activated",
    Action.REGRADE: "regraded",
    Action.CONVENE: "convened",
    Action.CONCLUDE: "concluded",
    Action.DISPOSE: "disposed",
    Action.TERMINATE: "terminated",
    Action.ARCHIVE: "archived",
    Action.TRANSFER: "transferred",
}
WITHOUT_CALLS = frozenset({*ASIDE, State.REVIEWING, State.CLOSED})  # nobody is called any more
NOTHING: Mapping[str, Any] = {}


def hold(
    session: Session, number: str, *, version: int | None = None, beside: str | None = None
) -> Incident:
    """Return an incident for change, locked until the commit.

    `version` is the one that the caller saw; raise StaleVersion when somebody was faster.
    None means that the change does not depend on what was seen. `beside` is another incident
    that changes too: always the older is locked first, so that two who cross never wait for
    each other.
    """
    wanted = (number,) if beside is None else (number, beside)
    query = select(Incident).where(Incident.number.in_(wanted)).order_by(Incident.id)
    locked = {row.number: row for row in session.scalars(query.with_for_update())}
    incident = locked.get(number)
    if incident is None:
        raise NotFound
    if version is not None and version != incident.version:
        raise StaleVersion(incident.version)
    return incident


def open_to(incident: Incident, who: Who) -> tuple[Transition, ...]:
    """Return the steps open in the incident's state that this person may take or propose."""
    rows = open_steps(State(incident.state), ungraded=incident.grade == UNGRADED)
    return tuple(row for row in rows if _may(row, who))


def check(incident: Incident, action: Action, who: Who) -> Transition:
    """Return the row of the table for a step; raise IllegalStep or Forbidden."""
    row = find(State(incident.state), action)
    if row is None or (row.only_ungraded and incident.grade != UNGRADED):
        rows = open_steps(State(incident.state), ungraded=incident.grade == UNGRADED)
        raise IllegalStep(action, incident.state, [open_row.action for open_row in rows])
    if not _may(row, who):
        raise Forbidden("wrong-role", role=row.role)
    return row


def take(
    session: Session,
    incident: Incident,
    action: Action,
    context: Context,
    *,
    words_for: Mapping[str, object] = NOTHING,
    data: Mapping[str, Any] = NOTHING,
) -> Transition:
    """Take a step: change the state, write the timeline, stop and start the clocks it concerns."""
    row = check(incident, action, context.who)
    before, incident.state = incident.state, row.lands_in()
    if action in MOMENTS:
        incident.moments = {**incident.moments, MOMENTS[action]: context.now.isoformat()}
    touch(incident, context)
    timeline.write(
        session,
        incident,
        action,
        who=context.who,
        now=context.now,
        words_for=words_for,
        data={**data, "from": before, "to": incident.state},
    )
    alerts.acted(session, incident, context.who, context.now)
    if incident.state in WITHOUT_CALLS:
        alerts.end_all(session, incident, CLOSED, context.now)
    known = facts.for_rules(facts.current(session, incident.id))
    clocks.move_on(
        session, incident, f"action:{action}", facts=known, now=context.now, rules=context.rules
    )
    return row


def touch(incident: Incident, context: Context) -> None:
    """Give the incident a new version, also when nothing else in its row changes."""
    incident.changed_at = context.now
    flag_modified(incident, "changed_at")


def _may(row: Transition, who: Who) -> bool:
    return who.may_be(row.role, *row.proposers)
