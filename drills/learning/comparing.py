"""Runs of one scenario beside each other, and teams beside teams."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from drills import participants, runs
from drills.learning import judging, marks, scoring
from drills.learning.judging import Measured
from drills.learning.result import Result
from drills.learning.scoring import Score
from drills.models import DrillRun
from drills.participants import PLAYER

MOST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One run of the scenario with its score; `teams` are the names of those who played it."""

    run: DrillRun
    score: Score
    measured: tuple[Measured, ...]
    teams: tuple[str, ...]
    is_this: bool

    def measure(self, expectation: str) -> Measured | None:
        """Return how an expectation went here; None where this run did not have it."""
        found = (one for one in self.measured if one.expectation.id == expectation)
        return next(found, None)


def of_scenario(session: Session, found: Result, now: datetime) -> tuple[Played, ...]:
    """Return the ended runs of the result's scenario and the result itself, the oldest first.

    They are compared by share: what was asked and judged may differ from one to the other.
    """
    query = (
        select(DrillRun)
        .where(DrillRun.scenario == found.run.scenario, DrillRun.ended_at.is_not(None))
        .where(DrillRun.started_at.is_not(None), DrillRun.id != found.run.id)
        .order_by(DrillRun.started_at.desc())
        .limit(MOST - 1)
    )
    others = [_played(session, run, now) for run in session.scalars(query) if run.content]
    this = Played(
        run=found.run,
        score=found.score,
        measured=found.measured,
        teams=_teams(session, found.run),
        is_this=True,
    )
    return tuple(sorted((*others, this), key=lambda one: one.run.started_at or now))


def _played(session: Session, run: DrillRun, now: datetime) -> Played:
    measured = judging.measure(session, run, now)
    objectives = runs.scenario_of(run).objectives
    return Played(
        run=run,
        score=scoring.score(objectives, marks.raw(session, run), measured),
        measured=measured,
        teams=_teams(session, run),
        is_this=False,
    )


def _teams(session: Session, run: DrillRun) -> tuple[str, ...]:
    members: Sequence[participants.Member] = participants.of_run(session, run)
    teams = {one.row.team for one in members if one.row.plays == PLAYER and one.row.team}
    return tuple(sorted(teams))
