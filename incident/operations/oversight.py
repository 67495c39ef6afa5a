"""The auditor: ask the database whether the desk keeps its promises, and write down the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident import words
from incident.models import Oversight, Promise
from incident.operations import timeline
from incident.operations.promises import PROMISES, Figures, Seen
from incident.who import DESK

THE_ONE = 1
COUNT = "count"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Whether one promise holds now; `figures` are what was counted."""

    name: str
    holds: bool
    figures: Figures


def examine(session: Session, seen: Seen) -> list[Kept]:
    """Ask for every promise; one is broken when its count is not 0."""
    before = _before(session)
    found = []
    for name, count in PROMISES.items():
        figures = count(session, seen, before.get(name, {}))
        found.append(Kept(name=name, holds=not figures[COUNT], figures=figures))
    return found


def last_round(session: Session) -> datetime | None:
    """Return when the auditor last went round, None when it never did."""
    return session.scalar(select(Oversight.checked_at).where(Oversight.id == THE_ONE))


def write_down(session: Session, found: Sequence[Kept], now: datetime) -> bool:
    """Keep what a round found, tell on the timeline what changed; say whether all is well."""
    rows = {row.name: row for row in session.scalars(select(Promise))}
    for kept in found:
        _keep(session, rows.get(kept.name), kept, now)
    row = session.get(Oversight, THE_ONE)
    if row is None:
        session.add(Oversight(id=THE_ONE, checked_at=now))
    else:
        row.checked_at = now
    return all(kept.holds for kept in found)


def note_ping(session: Session, problem: str | None, now: datetime) -> None:
    """Write down what came of the word to the outside; `problem` None means that it arrived."""
    row = session.get_one(Oversight, THE_ONE)
    row.ping_problem = problem
    if problem is None:
        row.pinged_at = now


def note_outage(session: Session, since: datetime, until: datetime) -> None:
    """Write that the database was away for a while."""
    timeline.write(
        session,
        None,
        "database_away",
        who=DESK,
        now=until,
        at=since,
        words_for={"seconds": int((until - since).total_seconds())},
        data={"from": since.isoformat(), "to": until.isoformat()},
    )


def _before(session: Session) -> Mapping[str, Figures]:
    """Return what the round before counted, by promise."""
    rows = session.execute(select(Promise.name, Promise.figures))
    return {row.name: row.figures for row in rows}


def _keep(session: Session, row: Promise | None, kept: Kept, now: datetime) -> None:
    if row is None:
        row = Promise(name=kept.name, holds=True, figures={}, checked_at=now, since=now)
        session.add(row)
    if row.holds != kept.holds:
        row.since = now
        _tell(session, kept, now)
    row.holds, row.figures, row.checked_at = kept.holds, dict(kept.figures), now


def _tell(session: Session, kept: Kept, now: datetime) -> None:
    """Write on the desk's timeline that a promise is broken, or holds again."""
    timeline.write(
        session,
        None,
        "promise_kept" if kept.holds else "promise_broken",
        who=DESK,
        now=now,
        words_for={"promise": words.label("promises", kept.name), "count": kept.figures[COUNT]},
        data={"promise": kept.name, **kept.figures},
    )
