"""What must always be true of an incident; looked at whenever something acts for it by itself."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.models import Entry, Incident
from incident.operations.chain import HASHED, digest
from workflows.lifecycle import Action, State
from workflows.plan import Grade

GRADES = frozenset({None, "ungraded", *Grade})
STATE, GRADE, ENTRY = "state", "grade", "entry"
STEPS = tuple(str(action) for action in Action)


class Broken(Exception):
    """Something that must be true of an incident is not; nothing may act for it by itself.

    `invariant` is a key of templates/words/invariants.yaml, `told` the figures for the operator.
    """

    def __init__(self, incident_id: int, invariant: str, told: str) -> None:
        super().__init__(f"incident {incident_id}: {invariant}, {told}")
        self.incident_id, self.invariant, self.told = incident_id, invariant, told


def check(session: Session, incident: Incident) -> None:
    """Raise Broken unless state, grade and the last entry of an incident are as they must be."""
    if incident.grade not in GRADES:
        raise Broken(incident.id, GRADE, f"grade {incident.grade}")
    entries = select(Entry).where(Entry.incident_id == incident.id).order_by(Entry.seq.desc())
    last = session.scalar(entries.limit(1))
    if last is not None and digest({name: getattr(last, name) for name in HASHED}) != last.hash:
        raise Broken(incident.id, ENTRY, f"entry {last.seq}")
    step = session.scalar(entries.where(Entry.type.in_(STEPS)).limit(1))
    told = step.data.get("to", incident.state) if step is not None else State.REPORTED
    if incident.state != told:
        raise Broken(incident.id, STATE, f"state {incident.state}, told {told}")
