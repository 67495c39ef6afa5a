"""The shipped plans, the example of the guide, and which edition is in force."""

import re
from datetime import date
from pathlib import Path

import pytest

from tests.rules.plan_example import GUIDE, example, write
from workflows.clocks import BASES
from workflows.grading import grade
from workflows.library import FOLDER, Library, PlanNotFound, check, load_file, released
from workflows.plan import Grade, Kind, Plan

LIBRARY = Library.load()
TODAY = date(2026, 11, 23)
FILES = sorted(FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_plan_has_no_problem(path: Path) -> None:
    assert check([path]) == []


def test_the_shipped_plans_have_no_problem_together() -> None:
    assert check(FILES) == []


def test_every_shipped_plan_is_released_with_its_digest() -> None:
    digests = {path.name: load_file(path).digest for path in FILES}
    assert released(FOLDER) == digests


@pytest.mark.parametrize("plan", LIBRARY.plans, ids=lambda plan: plan.id)
def test_every_item_of_a_shipped_plan_has_a_source(plan: Plan) -> None:
    items = (*plan.criteria, *plan.notes, *plan.clocks, *plan.groups, *plan.measures)
    assert all(item.basis and item.confidence for item in (*items, *plan.callouts))
    assert all(ending.basis and ending.confidence for ending in plan.termination)


@pytest.mark.parametrize("plan", LIBRARY.plans, ids=lambda plan: plan.id)
def test_criteria_come_gravest_first(plan: Plan) -> None:
    severities = [item.grade.severity for item in plan.criteria]
    assert severities == sorted(severities, reverse=True)


@pytest.mark.parametrize(
    ("kind", "place", "day", "expected"),
    [
        ("food", "410900", TODAY, "food-CN@2011"),
        ("food", "320583", TODAY, "food-32@undated"),
        ("food", "320000", TODAY, "food-32@undated"),
        ("food", "510100", TODAY, "food-51@2017"),
        ("food", "510100", date(2016, 12, 31), "food-CN@2011"),
        ("food", "510100", date(2017, 1, 1), "food-51@2017"),
        ("drug", "410900", TODAY, "drug-CN@2011"),
        ("device", "410900", TODAY, "drug-CN@2011"),
        ("drug", "410900", date(2010, 12, 31), "drug-CN@2005"),
        ("drug", "410900", date(2011, 1, 1), "drug-CN@2011"),
        ("cosmetic", "410900", TODAY, "cosmetic-CN@2026"),
        ("vaccine", "410900", TODAY, "vaccine-CN@2020"),
    ],
)
def test_this_edition_is_in_force(kind: str, place: str, day: date, expected: str) -> None:
    assert LIBRARY.in_force(kind, place, day).id == expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("food", ["health-CN@2006"]),
        ("vaccine", ["health-vaccine-CN@2006"]),
        ("drug", []),
        ("cosmetic", []),
    ],
)
def test_these_rule_sets_apply_beside(kind: str, expected: list[str]) -> None:
    assert [plan.id for plan in LIBRARY.tracks(kind, "410900", TODAY)] == expected


def test_every_kind_has_a_plan_today() -> None:
    assert all(LIBRARY.in_force(kind, "110101", TODAY) for kind in Kind)


def test_a_plan_that_is_not_there_is_not_found() -> None:
    with pytest.raises(PlanNotFound):
        LIBRARY.plan("food-CN@1949")
    with pytest.raises(PlanNotFound):
        LIBRARY.in_force("food", "410900", date(1999, 1, 1))


def test_of_two_editions_the_one_that_started_last_holds(tmp_path: Path) -> None:
    newer = example().replace("@2026", "@2027").replace('"2026"', '"2027"')
    write(tmp_path, example())
    write(tmp_path, newer.replace("2026-01-01", "2027-01-01"), "food-3205@2027.yaml")
    library = Library.load(tmp_path)
    assert library.in_force("food", "320500", date(2026, 12, 31)).edition == "2026"
    assert library.in_force("food", "320583", date(2027, 1, 1)).edition == "2027"


def test_the_example_of_the_guide_is_right_and_does_what_the_guide_says(tmp_path: Path) -> None:
    path = write(tmp_path, example())
    assert check([path]) == []
    plan = load_file(path)
    told, untold = grade(plan, {"ill": 97, "deaths": 0}), grade(plan, {"ill": 97})
    assert told.grade == untold.grade == Grade.IV
    assert [(step.grade, step.missing) for step in told.next] == [
        ("III", {"deaths": 1}),
        ("III", {"ill": 3}),
    ]
    assert untold.unknown == ("deaths",)


def test_the_guide_names_every_moment_that_can_start_a_clock() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    assert set(BASES) <= set(re.findall(r"`([a-z_]+)`", guide))
