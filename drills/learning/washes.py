"""The hot wash (现场点评): what those who took part say at once, question by question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from drills import runs
from drills.learning import after_actions
from drills.models import DrillRun, Wash
from incident.errors import Conflict
from incident.inputs.base import Input, Paragraph
from incident.models import User
from incident.who import Who

QUESTIONS: Final = ("well", "weak", "why", "means", "next")


class Comment(Input):
    """What somebody says to a question."""

    text: Paragraph


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One comment as the page shows it."""

    id: int
    text: str
    by: str
    at: datetime


def say(
    session: Session, key: str, question: str, comment: Comment, *, who: Who, now: datetime
) -> Wash:
    """Write down what somebody says; raise Conflict before the end, or once the report is out."""
    run = runs.hold(session, key)
    if run.ended_at is None:
        raise Conflict("drill-not-ended")
    after_actions.require_open(session, run)
    if question not in QUESTIONS:
        raise Conflict("no-such-question")
    row = Wash(run_id=run.id, question=question, text=comment.text, by=who.person, at=now)
    session.add(row)
    runs.note(session, run, "drill_washed", who, now, data={"question": question})
    return row


def of_run(session: Session, run: DrillRun) -> Mapping[str, Sequence[Heard]]:
    """Return what was said, by question, the oldest first."""
    found: dict[str, list[Heard]] = {question: [] for question in QUESTIONS}
    rows = session.execute(
        select(Wash, User.display)
        .join(User, User.id == Wash.by)
        .where(Wash.run_id == run.id)
        .order_by(Wash.id)
    )
    for row, name in rows:
        found.setdefault(row.question, []).append(
            Heard(id=row.id, text=row.text, by=name, at=row.at)
        )
    return found
