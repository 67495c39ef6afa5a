"""The after-action report (评估总结报告) as an official document, filled from what was measured."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from sqlalchemy.orm import Session

from drills import schedule
from drills.learning import after_actions, comparing, ledger, result_charts, washes
from drills.learning.comparing import Played
from drills.learning.judging import LATE, MISSED, Measured
from drills.learning.result import KeyClock, Result
from drills.learning.scoring import MARKS, Achieved
from drills.models import Improvement
from incident import words
from incident.documents import AfterAction as Content
from incident.documents import Facts, OfficialDocument, Status, Table
from incident.models import ChainHead, User
from incident.operations.context import Context

LANGUAGE = "zh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """What an issued report bears beside its content."""

    number: str
    at: datetime
    signer: str


def build(
    session: Session, found: Result, context: Context, issue: Issue | None
) -> OfficialDocument:
    """Return the report on the facts of now; a draft where it is not issued."""
    run, head = found.run, session.get(ChainHead, 1)
    title = _say("title", title=found.scenario.title)
    return OfficialDocument(
        content=_content(session, found, context),
        facts=Facts(name=found.scenario.title, kind=found.scenario.kind.value),
        status=Status.ISSUED if issue else Status.DRAFT,
        organisation=context.rules.organisation,
        incident=run.key,
        facts_version=1,
        chain_head=head.hash[:16] if head else None,
        drill=True,
        number=issue.number if issue else None,
        issued_at=issue.at if issue else None,
        signer=issue.signer if issue else None,
        title=title,
        time_zone=str(context.rules.zone),
    )


def _content(session: Session, found: Result, context: Context) -> Content:
    row = after_actions.of(session, found.run)
    played = comparing.of_scenario(session, found, context.now)
    return Content(
        particulars=tuple(_particulars(session, found, context)),
        course=_course(session, found),
        score=_score(found),
        objectives=_objectives(found),
        measured=_measured(found),
        clocks=_clocks(found.clocks),
        figures=result_charts.on_paper(found, played),
        differing=found.score.differing,
        failed=tuple(one.expectation.text for one in found.measured if one.state in (LATE, MISSED)),
        comments=tuple(_comments(session, found)),
        improvements=_improvements(session, ledger.of_run(session, found.run), context),
        earlier=_earlier(played, context),
        well=row.well if row else None,
        weak=row.weak if row else None,
        advice=row.advice if row else None,
    )


def _particulars(
    session: Session, found: Result, context: Context
) -> Iterable[tuple[str, str | None]]:
    run, scenario = found.run, found.scenario
    director = session.get(User, run.director_id) if run.director_id else None
    kinds = (scenario.form, scenario.content, scenario.purpose)
    yield _say("key"), run.key
    yield _say("scenario"), scenario.title
    yield _say("forms"), "、".join(_say(f"is_{one}") for one in kinds)
    yield _say("starts"), _moment(run.started_at, context)
    yield _say("ends"), _moment(run.ended_at, context)
    yield _say("length"), _say("minutes", n=_minutes(found.length))
    yield _say("director"), director.display if director else _say("desk")
    yield _say("people"), _people(found)


def _people(found: Result) -> str:
    told = [
        _say(plays, n=len(ids))
        for plays in ("player", "simulator", "controller", "evaluator", "observer")
        if (ids := {one.user.id for one in found.members if one.row.plays == plays})
    ]
    return "、".join(told) or _say("nobody")


def _course(session: Session, found: Result) -> str:
    rows = schedule.of_run(session, found.run)
    told = _say(
        "course",
        fired=sum(row.state == schedule.FIRED for row in rows),
        planned=len(rows),
        late=sum(row.is_late for row in rows),
    )
    return f"{found.scenario.summary}\n{told}"


def _score(found: Result) -> str:
    score = found.score
    counts = {mark: sum(one.count(mark) for one in score.objectives) for mark in MARKS}
    told = _say(
        "score",
        passed=score.tally.passed,
        asked=score.tally.asked,
        judged=sum(counts.values()),
        **counts,
    )
    if score.points is None:
        return told + _say("no_points")
    told += _say("points", points=_points(score.points), weight=score.weight)
    return told + (_say("left_out", n=100 - score.weight) if score.weight < 100 else "")


def _objectives(found: Result) -> Table:
    return Table(
        columns=_heads("objective", "weight", "passed", "met", "partly", "not_met", "got"),
        rows=tuple(_objective(one) for one in found.score.objectives),
    )


def _objective(one: Achieved) -> tuple[str, ...]:
    return (
        one.objective.text,
        str(one.objective.weight),
        f"{one.tally.passed}/{one.tally.asked}",
        f"{one.count('met')}/{one.judged}",
        str(one.count("partly")),
        str(one.count("not_met")),
        _say("not_judged") if one.points is None else _points(one.points),
    )


def _measured(found: Result) -> Table:
    titles = {part.id: part.title for part in found.scenario.parts}
    return Table(
        columns=_heads("wanted", "whom", "allowed", "taken", "how"),
        rows=tuple(_expectation(one, titles) for one in found.measured),
    )


def _expectation(one: Measured, titles: Mapping[str, str]) -> tuple[str, ...]:
    return (
        one.expectation.text,
        "、".join(titles.get(part, part) for part in one.expectation.parts) or _say("whole"),
        str(_minutes(one.within)),
        _taken(one.taken),
        words.label("drills", one.state, LANGUAGE),
    )


def _clocks(found: Sequence[KeyClock]) -> Table:
    return Table(
        columns=_heads("clock", "allowed", "taken", "how", "basis"),
        rows=tuple(
            (
                one.title,
                str(_minutes(one.allowed)),
                _taken(one.taken),
                _kept(one),
                f"{one.basis}（{words.label('confidences', one.confidence, LANGUAGE)}）",
            )
            for one in found
        ),
    )


def _kept(one: KeyClock) -> str:
    if one.taken is None:
        return _say("undone" if one.is_late else "open")
    return _say("late" if one.is_late else "kept")


def _comments(session: Session, found: Result) -> Iterable[str]:
    for question, heard in washes.of_run(session, found.run).items():
        asked = words.label("learning", f"wash_{question}", LANGUAGE)
        for one in heard:
            yield f"{asked}{one.text}"


def _improvements(session: Session, rows: Sequence[Improvement], context: Context) -> Table:
    day = context.rules.day(context.now)
    return Table(
        columns=_heads("number", "weakness", "remedy", "owner", "due"),
        rows=tuple(
            (
                row.number,
                row.weakness,
                row.remedy,
                session.get_one(User, row.owner_id).display,
                row.due_on.isoformat()
                if ledger.state(row, day) != ledger.CLOSED
                else _say("closed"),
            )
            for row in rows
        ),
    )


def _earlier(played: Sequence[Played], context: Context) -> Table:
    rows = tuple(
        (
            one.run.key,
            "、".join(one.teams) or "—",
            f"{one.score.tally.passed}/{one.score.tally.asked}",
            _say("not_judged")
            if one.score.points is None
            else f"{_points(one.score.points)}/{one.score.weight}",
        )
        for one in played
    )
    return Table(columns=_heads("key", "team", "passed", "got"), rows=rows if len(rows) > 1 else ())


def _heads(*names: str) -> tuple[str, ...]:
    return tuple(_say(f"head_{name}") for name in names)


def _say(key: str, **values: object) -> str:
    return words.phrase("after_action", key, values, LANGUAGE)


def _taken(taken: timedelta | None) -> str:
    return "—" if taken is None else str(_minutes(taken))


def _minutes(length: timedelta) -> int:
    return int(result_charts.minutes(length))


def _points(points: Fraction) -> str:
    return f"{float(points):.1f}"


def _moment(at: datetime | None, context: Context) -> str | None:
    if at is None:
        return None
    local = at.astimezone(context.rules.zone)
    return local.strftime(words.label("common", "moment", LANGUAGE))
