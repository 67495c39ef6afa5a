"""The chain of entries: each bound to the one before by its hash, all to their head."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from incident.db import table
from incident.models import ChainHead, Entry
from incident.operations import inserting
from incident.operations.inserting import Row

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
# Plain tables: every change of the desk passes here, and whoever does holds up the others.
_HEAD = table(ChainHead).c
_READ_HEAD = select(_HEAD.seq, _HEAD.hash).where(_HEAD.id == 1)
_MOVE_HEAD = update(table(ChainHead)).where(_HEAD.id == 1)
_ADD = insert(table(Entry))

# What stands in the canonical JSON before the hash of the entry before, and after the own seq.
_BEFORE = sorted(name for name in HASHED if name < "previous")
_AFTER = sorted(name for name in HASHED if name > "seq")
_BOUND = ("seq", "previous", "hash")
_GIVEN = ", ".join(each.name for each in table(Entry).columns if each.name not in _BOUND)
_BIND = text(rf"""
    WITH RECURSIVE
    head AS (SELECT seq, hash FROM chain_head WHERE id = 1 FOR UPDATE),
    waiting AS (SELECT * FROM json_to_recordset(:canonical)
                AS part (place integer, before text, after text)),
    bound AS (
        SELECT 0 AS place, seq, hash::text AS previous, hash::text AS hash FROM head
        UNION ALL
        SELECT waiting.place, seq + 1, hash, encode(sha256('\x00'::bytea || convert_to(
            before || ',"previous":"' || hash || '","seq":' || seq + 1 || ',' || after, 'UTF8'
        )), 'hex')
        FROM bound JOIN waiting ON waiting.place = bound.place + 1
    ),
    moved AS (
        UPDATE chain_head SET seq = newest.seq, hash = newest.hash
        FROM (SELECT seq, hash FROM bound ORDER BY place DESC LIMIT 1) AS newest WHERE id = 1
    )
    INSERT INTO entries ({_GIVEN}, seq, previous, hash)
    SELECT {_GIVEN}, bound.seq, bound.previous, bound.hash
    FROM json_populate_recordset(NULL::entries, :entries) AS entry
    LEFT JOIN bound ON bound.place = entry.seq
""")  # noqa: S608


def append(session: Session, rows: Sequence[Row]) -> None:
    """Bind entries to the chain and add them, in their order.

    Whoever does holds the head until the commit: seqs have no gaps and become visible in order.
    PostgreSQL binds them itself: a head that waits for this program to answer holds up the desk.
    """
    if inserting.takes_json(session):
        _bind_there(session, rows)
    else:
        _bind_here(session, rows)


def digest(entry: Mapping[str, Any]) -> str:
    """Return the hash of an entry: SHA-256 of a zero byte and its canonical JSON.

    Canonical is: the hashed fields, sorted, no spaces, UTF-8, moments in ISO 8601 UTC.
    """
    return hashlib.sha256(b"\x00" + _canonical(entry, sorted(HASHED)).encode()).hexdigest()


def _bind_there(session: Session, rows: Sequence[Row]) -> None:
    """Let the database do what `digest` does: it puts seq and hash into the canonical JSON.

    Without a head an entry has no seq, and is refused for that.
    """
    canonical = [
        {
            "place": place,
            "before": _canonical(row, _BEFORE).removesuffix("}"),
            "after": _canonical(row, _AFTER).removeprefix("{"),
        }
        for place, row in enumerate(rows, 1)
    ]
    placed = [{**row, "seq": place} for place, row in enumerate(rows, 1)]
    given = {"canonical": canonical, "entries": placed}
    session.execute(_BIND, {name: inserting.as_json(each) for name, each in given.items()})


def _bind_here(session: Session, rows: Sequence[Row]) -> None:
    seq, previous = session.execute(_READ_HEAD).one()
    bound = []
    for row in rows:
        seq += 1
        told = {**row, "seq": seq, "previous": previous}
        previous = digest(told)
        bound.append({**told, "hash": previous})
    session.execute(_ADD, bound)
    session.execute(_MOVE_HEAD, {"seq": seq, "hash": previous})


def _canonical(entry: Mapping[str, Any], names: Sequence[str]) -> str:
    told = {name: _plain(entry[name]) for name in names}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value
