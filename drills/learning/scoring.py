"""The score of a drill from raw marks and measured expectations: values in, values out.

Passed is passed and failed is failed: there are no halves. A criterion that evaluators found partly
met is not met, and is counted by its own. Where two differ, the lower counts until they agree.
What was not asked and not judged has no points, not nought points.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from drills.learning.judging import LATE, MET, MISSED, OPEN, UNASKED, Measured
from drills.scenario import evaluation
from drills.scenario.schema import Indicator, Objective

PARTLY: Final = "partly"
NOT_MET: Final = "not_met"
MARKS = (MET, PARTLY, NOT_MET)
"""What an evaluator may say, the best first."""
DECIDED = frozenset({MET, LATE, MISSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class RawMark:
    """What one evaluator last said of one criterion."""

    objective: str
    criterion: int
    evaluator: int
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How measured expectations went, each counted once; what is open is not decided yet."""

    passed: int = 0
    late: int = 0
    missed: int = 0
    open: int = 0
    unasked: int = 0

    @property
    def asked(self) -> int:
        """Return how many are decided."""
        return self.passed + self.late + self.missed


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One criterion with what each evaluator said, by his id."""

    indicator: Indicator
    marks: Mapping[int, str]

    @property
    def counts(self) -> str | None:
        """Return the mark that counts, the lowest; None where nobody judged."""
        return max(self.marks.values(), key=MARKS.index, default=None)

    @property
    def spread(self) -> int:
        """Return by how many steps the evaluators differ: 0, 1, or 2 from met to not met."""
        places = [MARKS.index(mark) for mark in self.marks.values()]
        return max(places) - min(places) if places else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Achieved:
    """One objective: what the system measured, what evaluators judged, and the points of both."""

    objective: Objective
    tally: Tally
    criteria: tuple[Judged, ...]

    def count(self, mark: str) -> int:
        """Return for how many criteria a mark counts."""
        return sum(one.counts == mark for one in self.criteria)

    @property
    def judged(self) -> int:
        """Return how many criteria somebody judged."""
        return sum(one.counts is not None for one in self.criteria)

    @property
    def differing(self) -> int:
        """Return for how many criteria the evaluators do not agree."""
        return sum(one.spread > 0 for one in self.criteria)

    @property
    def share(self) -> Fraction | None:
        """Return the share that was passed, 0 to 1; None where nothing was asked or judged."""
        whole = self.tally.asked + self.judged
        return Fraction(self.tally.passed + self.count(MET), whole) if whole else None

    @property
    def points(self) -> Fraction | None:
        """Return the points out of its weight; None where nothing was asked or judged."""
        return None if self.share is None else self.objective.weight * self.share


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The whole: its points are out of `weight`, that of the objectives which have any."""

    objectives: tuple[Achieved, ...]
    tally: Tally

    @property
    def weight(self) -> int:
        """Return the weight of the objectives that were asked or judged."""
        return sum(one.objective.weight for one in self.objectives if one.points is not None)

    @property
    def points(self) -> Fraction | None:
        """Return the points out of `weight`; None where nothing was asked or judged."""
        known = [one.points for one in self.objectives if one.points is not None]
        return sum(known, Fraction()) if known else None

    @property
    def share(self) -> Fraction | None:
        """Return the points as a share of the judged weights, to compare one run with another."""
        return None if self.points is None else self.points / self.weight

    @property
    def differing(self) -> int:
        """Return for how many criteria the evaluators do not agree."""
        return sum(one.differing for one in self.objectives)


def score(
    objectives: Sequence[Objective], marks: Iterable[RawMark], measured: Iterable[Measured]
) -> Score:
    """Return the score; marks of what is no criterion of these objectives count for nothing."""
    given, found = tuple(marks), tuple(measured)
    return Score(
        objectives=tuple(_achieved(one, given, found) for one in objectives), tally=tally(found)
    )


def criteria(objective: Objective) -> tuple[Indicator, ...]:
    """Return what evaluators judge: the objective's own criteria, then the usual of its item."""
    item = evaluation.items().get(objective.item or "")
    usual = item.indicators if item else ()
    return objective.criteria + tuple(
        Indicator(text=text, basis=item.basis, confidence=item.confidence) for text in usual if item
    )


def tally(measured: Iterable[Measured]) -> Tally:
    """Count how expectations went."""
    states = [one.state for one in measured]
    return Tally(
        passed=states.count(MET),
        late=states.count(LATE),
        missed=states.count(MISSED),
        open=states.count(OPEN),
        unasked=states.count(UNASKED),
    )


def _achieved(
    objective: Objective, marks: Sequence[RawMark], measured: Sequence[Measured]
) -> Achieved:
    said: dict[int, dict[int, str]] = {}
    for one in marks:
        if one.objective == objective.id:
            said.setdefault(one.criterion, {})[one.evaluator] = one.mark
    return Achieved(
        objective=objective,
        tally=tally(one for one in measured if one.expectation.objective == objective.id),
        criteria=tuple(
            Judged(indicator=indicator, marks=dict(sorted(said.get(place, {}).items())))
            for place, indicator in enumerate(criteria(objective))
        ),
    )
