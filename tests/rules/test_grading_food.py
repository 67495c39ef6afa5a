"""Food grades at, below and above every threshold of the shipped plans."""

import pytest

from workflows.facts import FactValue
from workflows.grading import grade
from workflows.library import Library

LIBRARY = Library.load()

NATIONAL = [
    ("NAT-IV-2-below", {"ill": 29, "deaths": 0}, None),
    ("NAT-IV-2-at", {"ill": 30, "deaths": 0}, "IV"),
    ("NAT-IV-2-above", {"ill": 31, "deaths": 0}, "IV"),
    ("NAT-IV-2-last", {"ill": 99, "deaths": 0}, "IV"),
    ("NAT-III-2-at", {"ill": 100, "deaths": 0}, "III"),
    ("NAT-III-2-above", {"ill": 101, "deaths": 0}, "III"),
    ("NAT-III-2-far-above", {"ill": 5000, "deaths": 0}, "III"),
    ("NAT-III-3-at", {"ill": 1, "deaths": 1}, "III"),
    ("NAT-III-3-last", {"ill": 99, "deaths": 9}, "III"),
    ("NAT-II-3-one-ill-short", {"ill": 99, "deaths": 1}, "III"),
    ("NAT-II-3-at", {"ill": 100, "deaths": 1}, "II"),
    ("NAT-II-3-above", {"ill": 101, "deaths": 2}, "II"),
    ("NAT-II-4-below", {"ill": 20, "deaths": 9}, "III"),
    ("NAT-II-4-at", {"ill": 20, "deaths": 10}, "II"),
    ("NAT-II-4-above", {"ill": 31, "deaths": 30}, "II"),
    ("NAT-school-is-no-grade", {"ill": 50, "deaths": 0, "setting": "school"}, "IV"),
    ("NAT-nothing-known", {}, None),
    ("NAT-deaths-unknown", {"ill": 40}, "IV"),
    ("NAT-ill-unknown", {"deaths": 1}, "III"),
    ("NAT-no-deaths-alone", {"deaths": 0}, None),
]
JIANGSU = [
    ("JS-IV-2-below", {"ill": 29, "deaths": 0}, None),
    ("JS-IV-2-at", {"ill": 30, "deaths": 0}, "IV"),
    ("JS-IV-2-last", {"ill": 99, "deaths": 0}, "IV"),
    ("JS-III-2-at-overlap", {"ill": 100, "deaths": 0}, "III"),
    ("JS-III-3-at", {"ill": 10, "deaths": 1}, "III"),
    ("JS-II-2-at", {"ill": 100, "deaths": 1}, "II"),
    ("JS-II-3-below", {"ill": 10, "deaths": 9}, "III"),
    ("JS-II-3-at", {"ill": 10, "deaths": 10}, "II"),
    ("JS-II-4-below", {"ill": 49, "deaths": 0, "setting": "school"}, "IV"),
    ("JS-II-4-at", {"ill": 50, "deaths": 0, "setting": "school"}, "II"),
    ("JS-II-4-above", {"ill": 51, "deaths": 0, "setting": "school"}, "II"),
    ("JS-II-4-elsewhere", {"ill": 50, "deaths": 0, "setting": "canteen"}, "IV"),
    ("JS-II-5-below", {"ill": 49, "deaths": 0, "setting": "major_event"}, "IV"),
    ("JS-II-5-at", {"ill": 50, "deaths": 0, "setting": "major_event"}, "II"),
    ("JS-II-4-setting-unknown", {"ill": 50, "deaths": 0}, "IV"),
]
SICHUAN = [
    ("SC-I-2-below", {"deaths": 29}, "II"),
    ("SC-I-2-at", {"deaths": 30}, "I"),
    ("SC-I-2-above", {"deaths": 31}, "I"),
    ("SC-II-2-below", {"ill": 20, "deaths": 9}, None),
    ("SC-II-2-at", {"ill": 20, "deaths": 10}, "II"),
    ("SC-II-1-below", {"ill": 99, "deaths": 1}, None),
    ("SC-II-1-at", {"ill": 100, "deaths": 1}, "II"),
    ("SC-III-1-doubtful", {"ill": 100, "deaths": 0}, None),
    ("SC-IV-1-doubtful", {"ill": 30, "deaths": 0}, None),
]
PUBLIC_HEALTH = [
    ("PH-IV-1-below", {"ill": 29, "deaths": 0}, None),
    ("PH-IV-1-at", {"ill": 30, "deaths": 0}, "IV"),
    ("PH-IV-1-last", {"ill": 99, "deaths": 0}, "IV"),
    ("PH-GAP-100", {"ill": 100, "deaths": 0}, None),
    ("PH-III-1-at", {"ill": 101, "deaths": 0}, "III"),
    ("PH-III-2-at", {"ill": 100, "deaths": 1}, "III"),
    ("PH-II-1-below", {"ill": 100, "deaths": 9}, "III"),
    ("PH-II-1-at", {"ill": 101, "deaths": 1}, "II"),
    ("PH-II-2-at", {"ill": 30, "deaths": 10}, "II"),
]
ROWS = [
    *(("food-CN@2011", *row) for row in NATIONAL),
    *(("food-32@undated", *row) for row in JIANGSU),
    *(("food-51@2017", *row) for row in SICHUAN),
    *(("health-CN@2006", *row) for row in PUBLIC_HEALTH),
]


@pytest.mark.parametrize(
    ("plan", "facts", "expected"),
    [(plan, facts, expected) for plan, _, facts, expected in ROWS],
    ids=[f"{plan}-{basis}" for plan, basis, _, _ in ROWS],
)
def test_the_counts_give_this_grade(
    plan: str, facts: dict[str, FactValue], expected: str | None
) -> None:
    assert grade(LIBRARY.plan(plan), facts).grade == expected


def test_exactly_100_ill_in_the_public_health_track_is_named_as_a_gap() -> None:
    plan = LIBRARY.plan("health-CN@2006")
    gaps = {
        ill: [note.note for note in grade(plan, {"ill": ill, "deaths": 0}).notes]
        for ill in (99, 100, 101)
    }
    assert [ill for ill, notes in gaps.items() if "PH-GAP-100" in notes] == [100]


def test_the_overlap_of_jiangsu_at_100_is_named() -> None:
    plan = LIBRARY.plan("food-32@undated")
    notes = {n.note for n in grade(plan, {"ill": 100, "deaths": 0}).notes}
    assert "JS-N-100" in notes


def test_doubtful_numbers_become_questions_with_their_doubt() -> None:
    verdict = grade(LIBRARY.plan("food-51@2017"), {"ill": 150, "deaths": 0})
    asked = {question.criterion: question.confidence for question in verdict.needs_expert}
    assert asked == {"SC-III-1": "M?"}
    assert {f.criterion: f.state for f in verdict.findings}["SC-III-1"] == "expert"


@pytest.mark.parametrize(
    ("setting", "ill", "reported"),
    [
        ("school", 4, False),
        ("school", 5, True),
        ("canteen", 5, True),
        ("major_event", 5, True),
        ("home", 29, False),
        ("home", 30, True),
        (None, 5, False),
        (None, 30, True),
    ],
)
def test_the_threshold_of_public_health_reporting_depends_on_the_setting(
    setting: str | None, ill: int, reported: bool
) -> None:
    facts: dict[str, FactValue] = {"ill": ill, "deaths": 0, "setting": setting}
    notes = {n.note for n in grade(LIBRARY.plan("health-CN@2006"), facts).notes}
    assert ("PH-N-REPORT" in notes) is reported
