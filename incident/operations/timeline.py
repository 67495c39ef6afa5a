"""Write the timeline: entries wait in the session and join the chain just before the commit."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from incident import words
from incident.crashpoints import crashpoint
from incident.db import table
from incident.errors import FieldError, InvalidInput
from incident.models import ChainHead, Entry, Incident
from incident.operations import inserting
from incident.operations.inserting import Row
from incident.who import Who

WAITING = "entries waiting for the chain"
ZEROS = "0" * 64
HASHED = (
    "seq",
    "incident",
    "drill",
    "type",
    "at",
    "entered_at",
    "actor_id",
    "actor",
    "text",
    "data",
    "corrects",
    "previous",
)
NOTHING: Mapping[str, Any] = {}
# Plain tables: every change of the desk passes here, and whoever does holds up the others.
_HEAD = table(ChainHead).c
_READ_HEAD = select(_HEAD.seq, _HEAD.hash).where(_HEAD.id == 1).with_for_update()
_MOVE_HEAD = update(table(ChainHead)).where(_HEAD.id == 1)
_ADD = insert(table(Entry))
_MOVED = "WITH moved AS (UPDATE chain_head SET seq = :seq, hash = :hash WHERE id = 1)"
_ADD_AND_MOVE_HEAD = text(f"{_MOVED} {inserting.from_json(Entry, table(Entry).columns.keys())}")


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


def seal(session: Session) -> list[int]:
    """Bind the waiting entries to the chain and return their seqs.

    Whoever seals holds the head of the chain until the commit: seqs have no gaps and
    become visible in their order.
    """
    waiting: list[dict[str, Any]] = session.info.pop(WAITING, [])
    if not waiting:
        return []
    session.flush()
    seq, previous = session.execute(_READ_HEAD).one()
    rows = []
    for row in waiting:
        seq += 1
        rows.append(_bound(row, seq, previous))
        previous = rows[-1]["hash"]
    _add(session, rows)
    crashpoint("timeline.after_append")
    return [row["seq"] for row in rows]


def _add(session: Session, rows: Sequence[Row]) -> None:
    """Add the entries and move the head; the fewer turns, the shorter the others wait."""
    head = {"seq": rows[-1]["seq"], "hash": rows[-1]["hash"]}
    if inserting.takes_json(session):
        session.execute(_ADD_AND_MOVE_HEAD, head | {"entries": inserting.as_json(rows)})
    else:
        session.execute(_ADD, rows)
        session.execute(_MOVE_HEAD, head)


def discard(session: Session) -> None:
    """Forget what waits, for a transaction that is rolled back."""
    session.info.pop(WAITING, None)


def _bound(row: dict[str, Any], seq: int, previous: str) -> dict[str, Any]:
    incident: Incident | None = row["incident_id"]
    bound = {
        **row,
        "seq": seq,
        "incident_id": incident.id if incident else None,
        "incident": incident.number if incident else None,
        "drill": incident.drill if incident else None,
        "previous": previous,
    }
    return {**bound, "hash": digest(bound)}


def digest(entry: Mapping[str, Any]) -> str:
    """Return the hash of an entry: SHA-256 of a zero byte and its canonical JSON.

    Canonical is: the hashed fields, sorted, no spaces, UTF-8, moments in ISO 8601 UTC.
    """
    told = {name: _plain(entry[name]) for name in HASHED}
    canonical = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(b"\x00" + canonical.encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value
