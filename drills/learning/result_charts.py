"""The figures of a result: shares met, times taken, clocks kept, runs beside each other."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from fractions import Fraction

from drills.learning.comparing import Played
from drills.learning.judging import OPEN, Measured
from drills.learning.result import KeyClock, Result
from drills.learning.scoring import Score
from incident import bars, words
from incident.bars import Length, Share
from incident.charts import Figure, Words
from incident.documents import Bar, Chart

Say = Callable[..., str]
Shares = tuple[list[Share], Words]
Lengths = tuple[list[Length], Words]


def objectives(score: Score, language: str) -> Figure:
    """Draw how far each objective was met."""
    return bars.shares(*_of_objectives(score, _say(language)))


def expectations(found: Result, language: str) -> Figure:
    """Draw how long each expectation took; those that were not asked are left out."""
    return bars.lengths(*_of_expectations(found, _say(language)))


def clocks(found: Sequence[KeyClock], language: str) -> Figure:
    """Draw the plan's clocks in drill time."""
    return bars.lengths(*_of_clocks(found, _say(language)))


def played(runs: Sequence[Played], language: str) -> Figure:
    """Draw what share of the judged weights each run reached."""
    return bars.shares(*_of_runs(runs, _say(language)))


def on_paper(found: Result, runs: Sequence[Played]) -> tuple[Chart, ...]:
    """Return the figures of a report, which the press draws."""
    told = _say("zh")
    made = [_shares(*_of_objectives(found.score, told))]
    if any(one.since is not None for one in found.measured):
        made.append(_lengths(*_of_expectations(found, told)))
    if len(runs) > 1:
        made.append(_shares(*_of_runs(runs, told)))
    return tuple(made)


def minutes(length: timedelta) -> float:
    """Return a length in minutes."""
    return length.total_seconds() / 60


def _of_objectives(score: Score, told: Say) -> Shares:
    title = (
        told("shares_none")
        if score.points is None
        else told("shares_title", points=_points(score.points), weight=score.weight)
    )
    rows = [
        _share(one.objective.text, one.share, one.points, one.objective.weight, told)
        for one in score.objectives
    ]
    heads = (told("objective"), told("share"), told("points"))
    return rows, Words(title=title, description=told("shares_described"), heads=heads)


def _of_runs(runs: Sequence[Played], told: Say) -> Shares:
    rows = [
        _share(
            " ".join((one.run.key, *one.teams)),
            one.score.share,
            one.score.points,
            one.score.weight,
            told,
        )
        for one in runs
    ]
    heads = (told("run"), told("share"), told("points"))
    title = told("runs_title", n=len(runs))
    return rows, Words(title=title, description=told("runs_described"), heads=heads)


def _of_expectations(found: Result, told: Say) -> Lengths:
    rows = [_expectation(one, told) for one in found.measured if one.since is not None]
    tally = found.score.tally
    title = told("lengths_title", passed=tally.passed, asked=tally.asked)
    heads = (told("wanted"), told("allowed"), told("taken"))
    return rows, Words(title=title, description=told("lengths_described"), heads=heads)


def _of_clocks(found: Sequence[KeyClock], told: Say) -> Lengths:
    rows = [
        Length(
            name=one.title,
            allowed=minutes(one.allowed),
            taken=None if one.taken is None else minutes(one.taken),
            note=_taken(one.taken, told, is_open=not one.is_late),
            is_late=one.is_late,
        )
        for one in found
    ]
    title = told("clocks_title", late=sum(one.is_late for one in found))
    heads = (told("clock"), told("allowed"), told("taken"))
    return rows, Words(title=title, description=told("lengths_described"), heads=heads)


def _share(
    name: str, share: Fraction | None, points: Fraction | None, weight: int, told: Say
) -> Share:
    return Share(
        name=name,
        share=None if share is None else float(share),
        note=told("not_judged")
        if points is None
        else told("share_note", points=_points(points), weight=weight),
    )


def _expectation(one: Measured, told: Say) -> Length:
    return Length(
        name=one.expectation.text,
        allowed=minutes(one.within),
        taken=None if one.taken is None else minutes(one.taken),
        note=_taken(one.taken, told, is_open=one.state == OPEN),
        is_late=one.taken is not None and not one.is_passed,
    )


def _shares(rows: Sequence[Share], about: Words) -> Chart:
    found = tuple(Bar(name=one.name, note=one.note, share=one.share) for one in rows)
    return Chart(shape="shares", title=about.title, description=about.description, bars=found)


def _lengths(rows: Sequence[Length], about: Words) -> Chart:
    found = tuple(
        Bar(
            name=one.name,
            note=one.note,
            allowed=one.allowed,
            taken=one.taken,
            is_late=one.is_late,
        )
        for one in rows
    )
    return Chart(shape="lengths", title=about.title, description=about.description, bars=found)


def _taken(taken: timedelta | None, told: Say, *, is_open: bool) -> str:
    if taken is None:
        return told("still_open" if is_open else "not_done")
    return told("minutes", n=int(minutes(taken)))


def _points(points: Fraction) -> str:
    return f"{float(points):.1f}"


def _say(language: str) -> Say:
    def told(key: str, **values: object) -> str:
        return words.phrase("learning", key, values, language)

    return told
