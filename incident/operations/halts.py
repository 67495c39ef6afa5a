"""Stop the automation of one incident whose invariant is broken, loudly, and let it go on again."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, select, update
from sqlalchemy.orm import Session

from incident import words
from incident.errors import NotFound
from incident.models import Alert, Halt, Incident
from incident.operations import pace, timeline
from incident.operations.invariants import Broken
from incident.who import DESK, Who

LONGEST = 200


def stop(session: Session, broken: Broken, now: datetime) -> None:
    """Stop what acts by itself for an incident; whoever is still called is rung by hand now."""
    incident = session.get_one(Incident, broken.incident_id, with_for_update=True)
    if session.scalar(select(Halt.id).where(_is_open(incident.id)).limit(1)) is not None:
        return
    told = broken.told[:LONGEST]
    session.add(Halt(incident_id=incident.id, invariant=broken.invariant, told=told, at=now))
    session.execute(
        update(Alert)
        .where(
            Alert.incident_id == incident.id, Alert.ended_at.is_(None), Alert.sirened_at.is_(None)
        )
        .values(siren_at=pace.time_of(session, incident.drill).moment(now))
    )
    timeline.write(
        session,
        incident,
        "halted",
        who=DESK,
        now=now,
        words_for={"invariant": words.label("invariants", broken.invariant)},
        data={"invariant": broken.invariant, "told": told},
    )


def lift(session: Session, halt_id: int, how: str, *, who: Who, now: datetime) -> None:
    """Let the automation go on; `how` says what was found and mended."""
    halt = session.get(Halt, halt_id, with_for_update=True)
    if halt is None:
        raise NotFound
    if halt.lifted_at is not None:
        return
    halt.lifted_at, halt.lifted_by = now, who.person
    timeline.write(
        session,
        session.get_one(Incident, halt.incident_id),
        "halt_lifted",
        who=who,
        now=now,
        words_for={"how": how},
        data={"halt": halt.id},
    )


def runs(incident_id: Any) -> ColumnElement[bool]:
    """Return the condition that an incident's automation is not stopped."""
    return ~exists().where(_is_open(incident_id))


def _is_open(incident_id: Any) -> ColumnElement[bool]:
    return and_(Halt.incident_id == incident_id, Halt.lifted_at.is_(None))
