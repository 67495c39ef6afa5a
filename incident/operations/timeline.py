"""Write the timeline: entries wait in the session and join the chain just before the commit."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from incident import words
from incident.crashpoints import crashpoint
from incident.errors import FieldError, InvalidInput
from incident.models import Entry, Incident
from incident.operations import chain
from incident.who import Who

WAITING = "entries waiting for the chain"
NOTHING: Mapping[str, Any] = {}


def write(
    session: Session,
    incident: Incident | None,
    type: str,
    *,
    who: Who,
    now: datetime,
    at: datetime | None = None,
    words_for: Mapping[str, object] = NOTHING,
    data: Mapping[str, Any] = NOTHING,
    corrects: int | None = None,
) -> None:
    """Add an entry; `incident` None is the desk itself.

    `at` is when it happened, `now` unless told. The text is the phrase of that type in
    templates/words/timeline.yaml with `words_for` put in. `data` is JSON without personal data.
    """
    row = {
        "incident_id": incident,
        "type": type,
        "at": at or now,
        "entered_at": now,
        "actor_id": who.id,
        "actor": who.display,
        "text": words.phrase("timeline", type, words_for),
        "data": dict(data),
        "corrects": corrects,
    }
    session.info.setdefault(WAITING, []).append(row)


def correct(
    session: Session, incident: Incident, seq: int, text: str, *, who: Who, now: datetime
) -> None:
    """Strike an entry of this incident by a new one; the old one stays readable."""
    struck = session.get(Entry, seq)
    if struck is None or struck.incident_id != incident.id:
        raise InvalidInput([FieldError("corrects", "no-such-entry")])
    write(
        session,
        incident,
        "correction",
        who=who,
        now=now,
        at=struck.at,
        words_for={"seq": seq, "text": text},
        corrects=seq,
    )


def seal(session: Session) -> None:
    """Let the waiting entries join the chain; whoever does holds its head until the commit."""
    waiting: list[dict[str, Any]] = session.info.pop(WAITING, [])
    if not waiting:
        return
    session.flush()
    chain.append(session, [_of_incident(row) for row in waiting])
    crashpoint("timeline.after_append")


def discard(session: Session) -> None:
    """Forget what waits, for a transaction that is rolled back."""
    session.info.pop(WAITING, None)


def _of_incident(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row of an entry whose incident has its id by now."""
    incident: Incident | None = row["incident_id"]
    return {
        **row,
        "incident_id": incident.id if incident else None,
        "incident": incident.number if incident else None,
        "drill": incident.drill if incident else None,
    }
