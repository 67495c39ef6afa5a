"""Drug, device, cosmetic and vaccine grades at, below and above every threshold."""

import pytest

from workflows.facts import FactValue
from workflows.grading import grade
from workflows.library import Library

LIBRARY = Library.load()
SERIOUS: dict[str, FactValue] = {"serious_event": True, "drug_abuse": False, "deaths": 0}

COUNTED = [
    ("DR-IV-1-below", {"unexpected": 9}, None),
    ("DR-IV-1-at", {"unexpected": 10}, "IV"),
    ("DR-IV-1-last", {"unexpected": 19}, "IV"),
    ("DR-III-1-at", {"unexpected": 20}, "III"),
    ("DR-III-1-last", {"unexpected": 29}, "III"),
    ("DR-II-1-at", {"unexpected": 30}, "II"),
    ("DR-II-1-last", {"unexpected": 49}, "II"),
    ("DR-I-1-at", {"unexpected": 50}, "I"),
    ("DR-I-1-above", {"unexpected": 51}, "I"),
    ("DR-IV-2-below", {"extremely_serious": 1}, None),
    ("DR-IV-2-at", {"extremely_serious": 2}, "IV"),
    ("DR-III-2-at", {"extremely_serious": 3}, "III"),
    ("DR-III-2-last", {"extremely_serious": 4}, "III"),
    ("DR-II-2-at", {"extremely_serious": 5}, "II"),
    ("DR-II-2-last", {"extremely_serious": 9}, "II"),
    ("DR-I-2-at", {"extremely_serious": 10}, "I"),
    ("DR-II-3-alone", {"deaths_same_batch": 1, "similar_cases_same_region": 0}, None),
    ("DR-II-3-unknown", {"deaths_same_batch": 1}, None),
    ("DR-II-3-at", {"deaths_same_batch": 1, "similar_cases_same_region": 1}, "II"),
    ("DR-II-3-last", {"deaths_same_batch": 2, "similar_cases_same_region": 1}, "II"),
    ("DR-I-3-at", {"deaths_same_batch": 3, "similar_cases_same_region": 0}, "I"),
    ("DR-I-4-below", {"provinces_level_ii": 1}, None),
    ("DR-I-4-at", {"provinces_level_ii": 2}, "I"),
    ("DR-II-4-at", {"cities_level_iii": 2}, "II"),
    ("DR-III-3-at", {"counties_level_iv": 2}, "III"),
    ("DR-no-rule-for-plain-ill", {"ill": 500, "deaths": 20}, None),
]
LEGACY = [
    ("DL-IV-1-below", {"ill": 9, **SERIOUS}, None),
    ("DL-IV-1-at", {"ill": 10, **SERIOUS}, "IV"),
    ("DL-IV-1-last", {"ill": 19, **SERIOUS}, "IV"),
    ("DL-III-1-at", {"ill": 20, **SERIOUS}, "III"),
    ("DL-II-2-at", {"ill": 30, **SERIOUS}, "II"),
    ("DL-II-2-last", {"ill": 49, **SERIOUS}, "II"),
    ("DL-GAP-50", {"ill": 50, **SERIOUS}, None),
    ("DL-I-1-at", {"ill": 51, **SERIOUS}, "I"),
    ("DL-I-1-neither", {"ill": 51, **SERIOUS, "serious_event": False}, None),
    ("DL-I-1-abuse", {"ill": 51, "serious_event": False, "drug_abuse": True}, "I"),
    ("DL-II-3-at", {"deaths": 1}, "II"),
    ("DL-I-2-below", {"deaths": 2}, "II"),
    ("DL-I-2-at", {"deaths": 3}, "I"),
]
ROWS = [
    *(("drug-CN@2011", *row) for row in COUNTED),
    *(("drug-CN@2005", *row) for row in LEGACY),
    ("health-vaccine-CN@2006", "PHV-II-1-below", {"deaths": 0}, None),
    ("health-vaccine-CN@2006", "PHV-II-1-at", {"deaths": 1}, "II"),
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


def test_a_single_death_without_similar_cases_is_named_and_not_graded() -> None:
    facts: dict[str, FactValue] = {"deaths_same_batch": 1, "similar_cases_same_region": 0}
    verdict = grade(LIBRARY.plan("drug-CN@2011"), facts)
    assert verdict.grade is None
    assert "DR-N-DEATH" in {note.note for note in verdict.notes}


def test_the_gap_of_the_old_scheme_at_50_is_named() -> None:
    notes = grade(LIBRARY.plan("drug-CN@2005"), {"ill": 50, **SERIOUS}).notes
    assert [note.note for note in notes] == ["DL-GAP-50"]


@pytest.mark.parametrize("plan", ["cosmetic-CN@2026", "vaccine-CN@2020"])
def test_a_plan_without_official_numbers_never_grades_by_itself(plan: str) -> None:
    worst: dict[str, FactValue] = {
        "unexpected": 500,
        "extremely_serious": 100,
        "deaths_same_batch": 50,
        "similar_cases_same_region": 50,
        "deaths": 50,
        "quality_confirmed": True,
        "provinces": 30,
    }
    verdict = grade(LIBRARY.plan(plan), worst)
    assert verdict.grade is None
    assert verdict.because == ()
    assert "I" in {question.grade for question in verdict.needs_expert}
