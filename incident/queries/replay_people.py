"""Who had been called for an incident at a moment, and what was truly known of it then."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.models import Entry
from incident.operations.alert_states import ANSWERED, CALLED, CANNOT, OVER, WAITING
from incident.queries import reaching
from incident.queries.reaching import Attempt, Call, Called

UNTOLD = ""  # what became of a try was not known yet


class Said(NamedTuple):
    """What somebody answered, when, and by what."""

    at: datetime
    answer: str
    by: str


def calls(session: Session, incident_id: int, moment: datetime) -> tuple[Call, ...]:
    """Return the calls that had begun by a moment, the newest first, as they then stood."""
    said = _answers(session, incident_id, moment)
    begun = [call for call in reaching.calls(session, incident_id) if call.started_at <= moment]
    begun.sort(key=lambda call: -call.id)
    return tuple(_call(call, moment, said) for call in begun)


def _answers(session: Session, incident_id: int, moment: datetime) -> Mapping[int, Said]:
    """Return the last answer of each person by then; an answer changed later is left out."""
    rows = session.execute(
        select(Entry.entered_at, Entry.data)
        .where(
            Entry.incident_id == incident_id,
            Entry.type == "alert_answered",
            Entry.entered_at <= moment,
        )
        .order_by(Entry.seq)
    )
    return {data["person"]: Said(at, data["answer"], data["by"]) for at, data in rows}


def _call(call: Call, moment: datetime, said: Mapping[int, Said]) -> Call:
    over = call.ended_at is not None and call.ended_at <= moment
    return replace(
        call,
        sirened_at=_by(call.sirened_at, moment),
        ended_at=call.ended_at if over else None,
        ended=call.ended if over else None,
        people=tuple(_person(one, moment, said.get(one.id), over=over) for one in call.people),
        upcoming=(),
    )


def _person(one: Called, moment: datetime, said: Said | None, *, over: bool) -> Called:
    called_at = _by(one.called_at, moment)
    state = OVER if over else WAITING
    if said is not None:
        state = CANNOT if said.answer == CANNOT else ANSWERED
    elif called_at is not None:
        state = CALLED
    return replace(
        one,
        state=state,
        called_at=called_at,
        delivered_at=_by(one.delivered_at, moment),
        read_at=_by(one.read_at, moment),
        answered_at=said.at if said else None,
        answer=said.answer if said else None,
        answered_by=said.by if said else None,
        attempts=tuple(_attempt(each, moment) for each in one.attempts if each.at <= moment),
        next=None,
    )


def _attempt(one: Attempt, moment: datetime) -> Attempt:
    if one.changed_at <= moment:
        return one
    return replace(one, state=UNTOLD, failed=False, problem=None, resent=False)


def _by(at: datetime | None, moment: datetime) -> datetime | None:
    return at if at is not None and at <= moment else None
