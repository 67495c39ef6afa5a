"""Watch the chain of entries as it grows: its head, and what joined it since the last look."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from incident.models import ChainHead, Entry
from incident.operations.audit import fault_of
from incident.operations.chain import ZEROS

AT_ONCE = 2000


def chain(session: Session, before: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a count of 1 where the chain is broken, with what is wrong and the seq where.

    `before` is what the last look returned: `seq` and `hash` are as far as the chain was found
    to hold. The first looks go through the whole log, AT_ONCE entries each.
    """
    seq, previous = int(before.get("seq") or 0), str(before.get("hash") or ZEROS)
    problem, bad = _head_problem(session), None
    for entry in _after(session, seq):
        fault = fault_of(entry, seq + 1, previous)
        if fault is not None:
            problem, bad = fault, entry.seq
            break
        seq, previous = entry.seq, entry.hash
    return {
        "count": int(bool(problem)),
        "problem": problem,
        "bad": bad,
        "seq": seq,
        "hash": previous,
    }


def _head_problem(session: Session) -> str | None:
    """Compare the head with the last entry, both as of one moment."""
    last = select(func.max(Entry.seq)).scalar_subquery()
    row = session.execute(
        select(ChainHead.seq, ChainHead.hash, last, Entry.hash).outerjoin(
            Entry, Entry.seq == ChainHead.seq
        )
    ).one_or_none()
    if row is None:
        return None
    told_seq, told_hash, seq, hash_there = row
    if (seq or 0) < told_seq:
        return "end-missing"
    if (seq or 0) > told_seq:
        return "behind-head"
    return "head-differs" if told_seq and told_hash != hash_there else None


def _after(session: Session, seq: int) -> list[Entry]:
    query = select(Entry).where(Entry.seq > seq).order_by(Entry.seq).limit(AT_ONCE)
    rows = list(session.scalars(query))
    for row in rows:
        session.expunge(row)
    return rows
