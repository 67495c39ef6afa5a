"""The score of a drill: made of raw marks and measures alone, without halves."""

from datetime import timedelta
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drills.learning.judging import LATE, MET, MISSED, OPEN, UNASKED, Measured
from drills.learning.scoring import MARKS, NOT_MET, PARTLY, RawMark, Score, criteria, score, tally
from drills.scenario.schema import Expectation, Indicator, Objective
from workflows.plan import Confidence

STATES = (MET, LATE, MISSED, OPEN, UNASKED)


def objective(name: str, weight: int = 50, criteria: int = 2) -> Objective:
    said = Indicator(text="said", basis="plan", confidence=Confidence.OWN)
    return Objective(id=name, text=name, weight=weight, criteria=(said,) * criteria)


def measured(state: str, of: str = "first", name: str = "verified") -> Measured:
    told = {"id": name, "text": name, "when": {"action": "verify"}, "within": "30m"}
    wanted = Expectation.model_validate({**told, "objective": of})
    return Measured(
        expectation=wanted,
        within=timedelta(minutes=30),
        since=None if state == UNASKED else timedelta(),
        due=None,
        taken=timedelta(minutes=40) if state == LATE else None,
        at=None,
        state=state,
    )


def mark(mark: str, *, of: str = "first", criterion: int = 0, by: int = 1) -> RawMark:
    return RawMark(objective=of, criterion=criterion, evaluator=by, mark=mark)


FIRST, SECOND = objective("first"), objective("second")
RAW = st.builds(
    RawMark,
    objective=st.sampled_from(["first", "second", "gone"]),
    criterion=st.integers(0, 3),
    evaluator=st.integers(1, 3),
    mark=st.sampled_from(MARKS),
)
MARKED = st.lists(RAW, unique_by=lambda one: (one.objective, one.criterion, one.evaluator))
MEASURED = st.lists(
    st.builds(measured, st.sampled_from(STATES), st.sampled_from(["first", "second"]))
)


def test_points_are_the_weight_times_the_share_of_what_was_asked_and_judged() -> None:
    found = score([FIRST], [mark(MET), mark(NOT_MET, criterion=1)], [measured(MET), measured(LATE)])

    assert found.points == 25
    assert found.objectives[0].share == Fraction(2, 4)


def test_late_is_as_failed_as_missed() -> None:
    late, missed = (score([FIRST], [], [measured(MET), measured(s)]) for s in (LATE, MISSED))

    assert late.points == missed.points == 25


def test_partly_met_is_not_met_and_is_counted_by_itself() -> None:
    found = score([FIRST], [mark(PARTLY)], [])

    assert found.points == 0
    assert found.objectives[0].count(PARTLY) == 1
    assert found.objectives[0].count(NOT_MET) == 0


def test_an_objective_that_nobody_asked_or_judged_has_no_points_and_takes_none() -> None:
    found = score([FIRST, SECOND], [mark(MET)], [measured(UNASKED, "second")])

    assert found.objectives[1].points is None
    assert (found.points, found.weight, found.share) == (50, 50, 1)


def test_a_drill_in_which_nothing_was_asked_has_no_score() -> None:
    found = score([FIRST, SECOND], [], [measured(OPEN), measured(UNASKED)])

    assert (found.points, found.share, found.weight) == (None, None, 0)


def test_of_two_who_differ_the_lower_counts_until_they_agree() -> None:
    apart = score([FIRST], [mark(MET), mark(NOT_MET, by=2)], [])
    agreed = score([FIRST], [mark(MET), mark(MET, by=2)], [])

    assert (apart.points, apart.differing, apart.objectives[0].criteria[0].spread) == (0, 1, 2)
    assert (agreed.points, agreed.differing, agreed.objectives[0].criteria[0].spread) == (50, 0, 0)


def test_what_is_not_decided_yet_counts_neither_way() -> None:
    found = tally([measured(state) for state in STATES])

    assert (found.passed, found.asked, found.open, found.unasked) == (1, 3, 1, 1)


def test_the_usual_indicators_of_the_item_come_after_its_own_criteria() -> None:
    named = objective("first", criteria=1).model_copy(update={"item": "reporting"})

    found = criteria(named)

    assert found[0].text == "said"
    assert len(found) == 4
    assert {str(one.confidence) for one in found[1:]} == {"M?"}


def test_marks_of_what_is_no_criterion_count_for_nothing() -> None:
    stray = [mark(NOT_MET, of="gone"), mark(NOT_MET, criterion=7)]

    assert score([FIRST], [mark(MET), *stray], []).points == 50


@given(MARKED, MEASURED, st.randoms())
def test_the_order_of_marks_and_measures_changes_nothing(
    marks: list[RawMark], found: list[Measured], random: Random
) -> None:
    before = score([FIRST, SECOND], marks, found)
    random.shuffle(marks)
    random.shuffle(found)

    assert score([FIRST, SECOND], marks, found) == before


@given(MARKED, MEASURED)
def test_a_score_lies_between_nought_and_the_judged_weights(
    marks: list[RawMark], found: list[Measured]
) -> None:
    made = score([FIRST, SECOND], marks, found)

    assert made.weight <= 100
    if made.points is None:
        assert made.weight == 0
    else:
        assert 0 <= made.points <= made.weight


@given(MARKED, MEASURED)
def test_a_score_is_made_of_whole_passes(marks: list[RawMark], found: list[Measured]) -> None:
    for one in score([FIRST, SECOND], marks, found).objectives:
        whole = one.tally.asked + one.judged
        assert one.share is None or (one.share * whole).denominator == 1


@given(MARKED, MEASURED, RAW)
def test_a_lower_mark_never_raises_a_score(
    marks: list[RawMark], found: list[Measured], raw: RawMark
) -> None:
    place = (raw.objective, raw.criterion, raw.evaluator)
    rest = [one for one in marks if (one.objective, one.criterion, one.evaluator) != place]

    def with_mark(mark: str) -> Score:
        said = RawMark(objective=place[0], criterion=place[1], evaluator=place[2], mark=mark)
        return score([FIRST, SECOND], [*rest, said], found)

    best, _, worst = (with_mark(mark).points for mark in MARKS)
    assert best is None or worst is None or worst <= best


@pytest.mark.parametrize("state", STATES)
def test_a_measure_counts_for_its_own_objective_alone(state: str) -> None:
    found = score([FIRST, SECOND], [], [measured(state, "second")])

    assert found.objectives[0].tally.asked == 0
