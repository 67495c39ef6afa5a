"""How many of those who are called for an incident have answered."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.models import Alert, AlertPerson
from incident.operations.alert_states import ANSWERED, CALLED, CANNOT, SUPERSEDED

ASKED = (CALLED, ANSWERED, CANNOT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The people who were called, by user: `acked` are those of `asked` who answered.

    Whoever cannot come has answered too. Who is spared, or still waits, is not asked.
    """

    asked: frozenset[int] = field(default_factory=frozenset)
    acked: frozenset[int] = field(default_factory=frozenset)


NOBODY = Tally()


def tallies(session: Session, incident_ids: Iterable[int]) -> dict[int, Tally]:
    """Return the tally of each incident; of several calls of one person the newest counts.

    What a newer call took the place of is left out: a raise of the grade asks everybody anew.
    """
    rows = session.execute(
        select(AlertPerson.incident_id, AlertPerson.user_id, AlertPerson.answered_at)
        .join(Alert, Alert.id == AlertPerson.alert_id)
        .where(
            AlertPerson.incident_id.in_(list(incident_ids)),
            AlertPerson.state.in_(ASKED),
            (Alert.ended.is_(None)) | (Alert.ended != SUPERSEDED),
        )
        .order_by(AlertPerson.id)
    )
    asked: dict[int, dict[int, bool]] = {}
    for incident, user, answered_at in rows:
        asked.setdefault(incident, {})[user] = answered_at is not None
    return {
        incident: Tally(
            asked=frozenset(people),
            acked=frozenset(user for user, answered in people.items() if answered),
        )
        for incident, people in asked.items()
    }


def tally(session: Session, incident_id: int) -> Tally:
    """Return the tally of one incident."""
    return tallies(session, [incident_id]).get(incident_id, NOBODY)
