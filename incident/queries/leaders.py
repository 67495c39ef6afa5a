"""What a leader sees of one incident on a telephone: what it is, who leads, what waits for him."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.models import AlertPerson, Entry, Incident
from incident.operations import alert_states, approvals, reading
from incident.operations.approvals import Pending
from incident.operations.context import Context
from incident.operations.oncall import OnCall, on_call
from incident.queries import incidents, instructions, room
from incident.queries.duty import OPEN
from incident.queries.timeline import INSTRUCTIONS
from workflows.lifecycle import Action, Role
from workflows.rotation import Tier

DECISIONS = (*Action, "dismiss_proposed", "dismiss_returned", *INSTRUCTIONS[:3])
LAST = 3
MOST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One entry that decided something; `actor` None is the desk itself."""

    at: datetime
    actor: str | None
    type: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One incident. `calls` are those of this person which wait for his answer.

    `unread` says that he has not said that he saw it. `pending` waits for his signature.
    """

    board: room.Board
    decisions: tuple[Decision, ...]
    calls: tuple[AlertPerson, ...]
    unread: bool
    pending: Pending | None
    instructions: tuple[instructions.Line, ...]


def numbers(session: Session, context: Context) -> tuple[str, ...]:
    """Return the open incidents in the order of the desk, those that wait for this person first."""
    found: list[str] = []
    for drill in (False, True):
        page = incidents.desk_list(
            session, context.who, states=OPEN, drill=drill, with_shelved=not drill, limit=MOST
        )
        rows = page.rows
        mine = _awaiting(session, [row.id for row in rows], context)
        found += [row.number for row in sorted(rows, key=lambda row: row.id not in mine)]
    return tuple(found)


def sheet(session: Session, incident: Incident, context: Context) -> Sheet:
    """Return what the screen of one incident shows."""
    return Sheet(
        board=room.board(session, incident, context.rules, context.now),
        decisions=_decisions(session, incident.id),
        calls=tuple(_calls(session, incident.id, context)),
        unread=not reading.has_read(session, incident, context),
        pending=approvals.pending(session, incident, context),
        instructions=tuple(
            line
            for line in instructions.of_incident(session, incident.id, context.who, context.now)
            if line.closed_at is None
        ),
    )


def duty_room(session: Session, context: Context) -> OnCall | None:
    """Return who answers the telephone of the duty room now, None when nobody could."""
    found = on_call(session, Role.DUTY_OFFICER, context.now, rules=context.rules)
    first = [one for one in found if one.tier == Tier.MAIN and one.addresses.get("voice")]
    return first[0] if first else None


def _awaiting(session: Session, ids: Sequence[int], context: Context) -> set[int]:
    """Return the incidents for which this person is being called."""
    query = select(AlertPerson.incident_id).where(
        AlertPerson.incident_id.in_(ids),
        AlertPerson.user_id == context.who.id,
        AlertPerson.state == alert_states.CALLED,
    )
    return set(session.scalars(query))


def _calls(session: Session, incident_id: int, context: Context) -> Sequence[AlertPerson]:
    query = select(AlertPerson).where(
        AlertPerson.incident_id == incident_id,
        AlertPerson.user_id == context.who.id,
        AlertPerson.state == alert_states.CALLED,
    )
    return session.scalars(query.order_by(AlertPerson.id.desc())).all()


def _decisions(session: Session, incident_id: int) -> tuple[Decision, ...]:
    query = (
        select(Entry.at, Entry.actor, Entry.type, Entry.text)
        .where(Entry.incident_id == incident_id, Entry.type.in_(DECISIONS))
        .order_by(Entry.seq.desc())
        .limit(LAST)
    )
    return tuple(
        Decision(at=at, actor=actor, type=type, text=text)
        for at, actor, type, text in session.execute(query)
    )
