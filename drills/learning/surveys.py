"""The participants' survey: one answer each, with a name or without."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Annotated, Final

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from drills import participants, runs
from drills.models import DrillRun, Participant, Survey
from incident.errors import Conflict, FieldError, Forbidden, InvalidInput
from incident.inputs.base import Input, Paragraph
from incident.models import User
from incident.rulebook import Rulebook
from incident.who import Who

SCALES: Final = ("scenario", "injects", "duties", "plan", "system", "learned")
TEXTS: Final = ("best", "worst")
STEPS: Final = (5, 4, 3, 2, 1)
FEWEST: Final = 3
"""With fewer answers, one without a name would tell whose it is."""
Step = Annotated[int, Field(ge=1, le=5)]


class Answers(Input):
    """What somebody answers; a question that he leaves out is left out, not in the middle."""

    scenario: Step | None = None
    injects: Step | None = None
    duties: Step | None = None
    plan: Step | None = None
    system: Step | None = None
    learned: Step | None = None
    best: Paragraph | None = None
    worst: Paragraph | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """How often each step was chosen; `unanswered` left the question out."""

    name: str
    counts: Mapping[int, int]
    unanswered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A text that somebody wrote; `by` None where he gave no name."""

    question: str
    text: str
    by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What the director sees; `is_hidden`: too few answered to keep those without a name so."""

    invited: int
    answered: int
    is_hidden: bool
    questions: tuple[Question, ...]
    texts: tuple[Told, ...]


def give(
    session: Session,
    key: str,
    answers: Answers,
    *,
    named: bool,
    who: Who,
    now: datetime,
    rules: Rulebook,
) -> None:
    """Keep somebody's answers, once; without a name nothing ties them to him.

    Who has answered is known, but only to the day, lest the order of answers tell whose is whose.
    """
    run = runs.hold(session, key)
    if run.ended_at is None:
        raise Conflict("drill-not-ended")
    mine = participants.parts_of(session, run, who.id)
    if not mine:
        raise Forbidden("drill-not-yours")
    if has_answered(mine):
        raise Conflict("survey-given")
    plain = answers.model_dump(exclude_none=True)
    if not plain:
        raise InvalidInput([FieldError("scenario", "required")])
    day = rules.day(now)
    for row in mine:
        row.surveyed_at = datetime.combine(day, time(), UTC)
    session.add(
        Survey(
            run_id=run.id,
            user_id=who.person if named else None,
            answers=plain,
            given_on=day.isoformat(),
        )
    )


def has_answered(mine: Sequence[Participant]) -> bool:
    """Tell whether somebody with these parts has answered."""
    return any(row.surveyed_at is not None for row in mine)


def results(session: Session, run: DrillRun) -> Results:
    """Return what was answered; texts in the order of their words, not of their coming."""
    rows = session.scalars(select(Survey).where(Survey.run_id == run.id)).all()
    invited = session.scalars(
        select(Participant.user_id).where(Participant.run_id == run.id).distinct()
    ).all()
    is_hidden = len(rows) < FEWEST and any(row.user_id is None for row in rows)
    shown = () if is_hidden else rows
    return Results(
        invited=len(invited),
        answered=len(rows),
        is_hidden=is_hidden,
        questions=tuple(_question(name, [row.answers for row in shown]) for name in SCALES),
        texts=tuple(
            sorted(
                (
                    Told(question=name, text=row.answers[name], by=_name(session, row))
                    for row in shown
                    for name in TEXTS
                    if row.answers.get(name)
                ),
                key=lambda one: (TEXTS.index(one.question), one.text),
            )
        ),
    )


def _question(name: str, answers: Sequence[Mapping[str, int]]) -> Question:
    given = Counter(one[name] for one in answers if name in one)
    return Question(
        name=name,
        counts={step: given[step] for step in STEPS},
        unanswered=len(answers) - given.total(),
    )


def _name(session: Session, row: Survey) -> str | None:
    user = session.get(User, row.user_id) if row.user_id else None
    return user.display if user else None
