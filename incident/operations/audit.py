"""Walk the chain of entries and find the first that does not hold."""

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.models import ChainHead, Entry
from incident.operations.chain import HASHED, ZEROS, digest

BATCH = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What the walk found: how many entries, the last hash, and the first bad entry if any.

    `problem` is a code of templates/words/chain_problems.yaml.
    """

    entries: int
    head: str
    bad_seq: int | None = None
    problem: str | None = None

    @property
    def is_whole(self) -> bool:
        """Tell whether the chain holds."""
        return self.bad_seq is None


def verify(session: Session) -> Verified:
    """Check every entry against the one before, and the chain against its head.

    The head is read before and after the walk, so that entries written meanwhile are no fault.
    """
    told = _head(session)
    count, previous = 0, ZEROS
    with closing(_entries(session)) as entries:
        for entry in entries:
            problem = fault_of(entry, count + 1, previous)
            if entry.seq == told.seq and entry.hash != told.hash:
                problem = problem or "head-differs"
            if problem:
                return Verified(entries=count, head=previous, bad_seq=entry.seq, problem=problem)
            count, previous = entry.seq, entry.hash
    if count < told.seq:
        return Verified(entries=count, head=previous, bad_seq=count + 1, problem="end-missing")
    if (last := _head(session).seq) < count:
        problem = "behind-head"
        return Verified(entries=count, head=previous, bad_seq=last + 1, problem=problem)
    return Verified(entries=count, head=previous)


@dataclass(frozen=True, slots=True)
class _Head:
    seq: int
    hash: str


def _head(session: Session) -> _Head:
    """Return the head of the chain; without its row, the chain has no entry."""
    row = session.execute(select(ChainHead.seq, ChainHead.hash)).one_or_none()
    return _Head(*row) if row else _Head(0, ZEROS)


def _entries(session: Session) -> Generator[Entry, None, None]:
    query = select(Entry).order_by(Entry.seq).execution_options(yield_per=BATCH)
    with session.scalars(query) as rows:
        for entry in rows:
            yield entry
            session.expunge(entry)


def fault_of(entry: Entry, seq: int, previous: str) -> str | None:
    """Return what is wrong with an entry that should follow; None when nothing is."""
    if entry.seq != seq:
        return "missing"
    if entry.previous != previous:
        return "continues-not"
    if digest({name: getattr(entry, name) for name in HASHED}) != entry.hash:
        return "changed"
    return None
