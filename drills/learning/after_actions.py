"""The after-action report's free parts: written by the director, until the report is issued."""

from datetime import datetime
from typing import Any

from pydantic import field_validator
from sqlalchemy.orm import Session

from drills import runs
from drills.models import AfterAction, DrillRun
from incident import words
from incident.errors import Conflict
from incident.inputs.base import Input, Paragraph
from incident.operations import numbers
from incident.rulebook import Rulebook
from incident.who import Who

PARTS = ("well", "weak", "advice")


class FreeParts(Input):
    """What only people can say: what went well, what did not, what they suggest."""

    well: Paragraph | None = None
    weak: Paragraph | None = None
    advice: Paragraph | None = None

    @field_validator(*PARTS, mode="before")
    @classmethod
    def _blank_is_none(cls, text: object) -> object:
        return None if isinstance(text, str) and not text.strip() else text


def of(session: Session, run: DrillRun) -> AfterAction | None:
    """Return the report of a run, None before anything was written."""
    return session.get(AfterAction, run.id)


def require_open(session: Session, run: DrillRun) -> None:
    """Raise Conflict once the report is issued: what it rests on stays as it was."""
    row = of(session, run)
    if row is not None and row.issued_at is not None:
        raise Conflict("after-action-issued")


def require_ready(session: Session, run: DrillRun) -> None:
    """Raise Conflict unless the drill is over and its report not issued."""
    if run.ended_at is None:
        raise Conflict("drill-not-ended")
    require_open(session, run)


def write(session: Session, key: str, parts: FreeParts, *, who: Who, now: datetime) -> AfterAction:
    """Keep the free parts."""
    run = runs.hold(session, key)
    require_open(session, run)
    row = of(session, run) or AfterAction(run_id=run.id)
    row.well, row.weak, row.advice = parts.well, parts.weak, parts.advice
    row.written_by, row.written_at = who.person, now
    session.add(row)
    runs.note(session, run, "after_action_written", who, now)
    return row


def take_number(session: Session, rules: Rulebook, now: datetime) -> str:
    """Take the next number of the year's after-action reports."""
    series = words.phrase("after_action", "series", {"year": rules.day(now).year})
    taken = {"series": series, "number": numbers.take(session, series)}
    return words.phrase("after_action", "number", taken)


def issue(
    session: Session,
    run: DrillRun,
    number: str,
    document: dict[str, Any],
    *,
    who: Who,
    now: datetime,
) -> AfterAction:
    """Issue the report as it stands; `run` is held. Raise Conflict before the drill's end."""
    require_ready(session, run)
    row = of(session, run) or AfterAction(run_id=run.id, written_by=who.person, written_at=now)
    row.number, row.document = number, document
    row.issued_at, row.issued_by = now, who.person
    session.add(row)
    runs.note(session, run, "after_action_issued", who, now, number=number)
    return row


def file_name(run: DrillRun, row: AfterAction | None) -> str:
    """Return the name of the PDF, with the drill's mark."""
    draft = "" if row and row.issued_at else words.label("after_action", "draft")
    return words.phrase("after_action", "file", {"draft": draft, "key": run.key})
