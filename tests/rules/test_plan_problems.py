"""What the check of a plan finds, each with file, line, what is wrong and what would be right."""

from pathlib import Path

import pytest

from tests.rules.plan_example import NAME, example, replaced, write
from workflows.library import BadPlan, Library, Problem, check, load_file

# (passage of the example, what stands there instead, lines further down, wrong, right)
ROWS = [
    ("fact: ill, at_least: 100", "fact: iII, at_least: 100", 0, "unknown fact `iII`", "deaths"),
    ("ill, at_least: 100", "ill, at_least: many", 0, "`at_least: many` does not", "whole number"),
    ("ill, at_least: 100", "ill, at_least: true", 0, "`at_least: True` does not", "whole number"),
    ("ill, at_least: 100", "ill, is_over: 100", 0, "`is_over: 100` does not", "at_least"),
    ("is: school", "is: schule", 0, "`is: schule` does not suit `setting`", "one of school"),
    ("is: school", "at_least: 3", 0, "`at_least: 3` does not suit `setting`", "is or one_of"),
    ("[school, canteen]", "[]", 0, "`one_of: []` does not suit", "is or one_of"),
    ("      any:\n", "      either:\n", -1, "not a condition", "all, any, expert"),
    ("expert: 是否造成严重健康损害后果", "expert: 3", 0, "not a condition", "expert"),
    ("within: 2h", "within: 2 hours", 0, "`2 hours` is no limit", "2h or 7wd"),
    ("within: 2h", "within: 0h", 0, "`0h` is no limit", "2h or 7wd"),
    ("within: 2h", "within: 3w", 0, "`3w` is no limit", "m, h, d or wd"),
    ("repeats: 24h", "repeats: 1wd", 0, "`1wd` is no period", "24h"),
    ("starts: [received]", "starts: [recieved]", 0, "unknown moment `recieved`", "received"),
    ("starts: [received]", 'starts: ["task:X"]', 0, "unknown moment `task:X`", "measure"),
    ("briefing:initial", "briefing:first", 0, "unknown `briefing:first`", "action:<step>"),
    ("duty_officer, ", "officer, ", 0, "unknown `officer`", "'duty_officer'"),
    ("C1, event: reported", "C1, event: seen", 0, "unknown `seen`", "'reported'"),
    ("[III]", "[V]", 0, "unknown `V`", "'I', 'II'"),
    ("group: investigation", "group: inspection", 0, "unknown group", "investigation"),
    ("    basis: 示例预案3.2\n", "", -7, "`basis` is missing", "add `basis:`"),
    ("basis: 示例预案3.2\n    c", "basis:\n    c", 0, "`basis` is empty", "fill it in"),
    ("basis: 示例预案3.2\n    c", 'basis: ""\n    c', 0, "`basis` is empty", "fill it in"),
    ("confidence: M", "confidence: X", 0, "unknown `X`", "'V'"),
    ("track: food_safety", "track: food", 0, "unknown `food`", "food_safety"),
    ("kinds: [food]", "kinds: [fod]", 0, "unknown `fod`", "'food'"),
    ('edition: "2026"', "edition: 2026", 0, "`edition` does not suit", "string"),
    ("in_force_to: null", "in_force_to: 2025-01-01", 0, "ends before it starts", "after"),
    ("in_force_to: null", "in_force_until: null", 0, "unknown key `in_force_until`", "spelling"),
    ("    evidence: 封存", "    evidenec: 封存", 0, "unknown key `evidenec`", "spelling"),
    ("id: EX-C2", "id: EX-C1", 0, "the id EX-C1 stands 2 times", "its own"),
    ("at_least: 30, at_most: 99", "at_least: 30, at_most: 29", -2, "EX-IV-1 can never", "at_most"),
    (
        "at_least: 30, at_most: 99",
        "at_least: 30, at_most: 100",
        -2,
        "overlap: ill 100 to 100",
        "end",
    ),
    ("at_least: 30, at_most: 99", "at_least: 120", -2, "EX-IV-1 is unreachable", "narrow"),
    ("id: food-3205@2026", "id: food-3205@2027", 0, "the file is named", "food-3205@2027.yaml"),
    ('jurisdiction: "3205"', 'jurisdiction: "3206"', -2, "contradicts jurisdiction", "3206"),
    ("title: 示例市", "title: [示例市", 1, "not YAML", "mend"),
    ("kinds: [food]", "kinds: [food]\nkinds: [food]", 1, "`kinds` stands twice", "keep one"),
    ("kinds: [food]", "kinds: &k [food]\nmore: *k", 1, "aliases are not used", "mend"),
    ("kinds: [food]", f"kinds: {'[' * 10**5}", 0, "nested deeper than 100", "mend"),
    ("in_force_from: 2026-01-01", "in_force_from: 1 May", 0, "`in_force_from` does not", "date"),
    ("after: 2m, to: main", "after: 2wd, to: main", 0, "`2wd` is no period", "24h"),
    ("after: 2m, to: main", "after: 2m, to: boss", 0, "unknown `boss`", "'stand_in'"),
    ("to: main, channels: [voice]", "to: main, channels: [fax]", 0, "unknown `fax`", "'voice'"),
    ("to: main, channels: [voice]", "to: main, channels: [sheet]", 0, "`sheet` does not", "sms"),
    ("after: 5m, to: st", "after: 1m, to: st", 0, "out of order", "earlier"),
    (
        "- {after: immediate, to: main, channels: [sms]}",
        "- {after: 1m, to: main, channels: [sms]}",
        0,
        "nobody is called at once",
        "immediate",
    ),
    (
        "      - {after: 10m, to: desk, channels: [page, sheet]}\n",
        "",
        -5,
        "ends in silence",
        "desk",
    ),
    ("id: EX-C2, event: activated", "id: EX-C2, event: overdue", 0, "overdue has no", "escalation"),
    ("    every: 5m\n", "", -5, "`every` is missing", "add `every:`"),
]


@pytest.mark.parametrize(
    ("old", "new", "further", "wrong", "right"), ROWS, ids=[f"{new[:30]}" for _, new, *_ in ROWS]
)
def test_the_check_names_file_line_what_is_wrong_and_what_would_be_right(
    tmp_path: Path, old: str, new: str, further: int, wrong: str, right: str
) -> None:
    text, line = replaced(old, new)
    path = write(tmp_path, text)
    found = [problem for problem in check([path]) if wrong in problem.what]
    assert found, check([path])
    assert (found[0].file, found[0].line) == (str(path), line + further)
    assert right in found[0].right


def test_a_grade_without_a_clock_is_found(tmp_path: Path) -> None:
    text, line = replaced("    within: 2h\n", "    within: 2h\n    grades: [III]\n")
    (problem,) = check([write(tmp_path, text)])
    assert problem.what == "grade IV has no clock"
    assert text.splitlines()[problem.line - 1] == "clocks:"
    assert line


def test_a_criterion_that_repeats_another_of_its_grade_is_found(tmp_path: Path) -> None:
    again = (
        "{fact: setting, one_of: [school, canteen]}\n        - {expert: 是否造成严重健康损害后果}"
    )
    text, _ = replaced(
        again, "{fact: ill, at_least: 30, at_most: 50}\n        - {fact: deaths, at_most: 0}"
    )
    (problem,) = check([write(tmp_path, text)])
    assert problem.what.startswith("EX-IV-2 is unreachable: where it holds, EX-IV-1 (IV) holds too")


def test_a_doubtful_criterion_hides_no_other(tmp_path: Path) -> None:
    text, _ = replaced("at_least: 30, at_most: 99", "at_least: 120")
    doubted = text.replace("confidence: V", "confidence: M?", 1)
    assert check([write(tmp_path, doubted)]) == []


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    text, _ = replaced("fact: ill, at_least: 100", "fact: iII, at_least: 100")
    path = write(tmp_path, text.replace("within: 2h", "within: soon"))
    assert [problem.what for problem in check([path])] == [
        "unknown fact `iII`",
        "`soon` is no limit",
    ]


def test_an_edited_release_is_found_and_does_not_load(tmp_path: Path) -> None:
    path = write(tmp_path, example())
    write(tmp_path, f"{load_file(path).digest}  {NAME}\n", "RELEASED")
    assert check([path]) == []
    text, _ = replaced("within: 2h", "within: 3h")
    write(tmp_path, text)
    (problem,) = check([path])
    assert problem.what == "the released edition food-3205@2026 was changed"
    assert text.splitlines()[problem.line - 1].startswith("edition:")
    with pytest.raises(BadPlan) as refused:
        Library.load(tmp_path)
    assert refused.value.problems == (problem,)


def test_two_editions_that_start_on_one_day_are_found(tmp_path: Path) -> None:
    twin = example().replace("@2026", "@2027").replace('"2026"', '"2027"')
    paths = [write(tmp_path, example()), write(tmp_path, twin, "food-3205@2027.yaml")]
    (problem,) = check(paths)
    assert problem.what == "food-3205@2026 and food-3205@2027 come into force on the same day"


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"", "`file` is empty"),
        (b"- a\n- b\n", "`file` does not suit"),
        (b"a: [" * 3000, "not YAML"),
        (b"when: !!python/name:os.system", "not YAML"),
        (b"? [a, b]\n: c\n", "not YAML"),
        (b"a: 2026-13-45\n", "not YAML"),
        (b"a: \x07\n", "not YAML"),
    ],
)
def test_a_file_that_is_no_plan_is_a_problem_and_no_crash(
    tmp_path: Path, content: bytes, wrong: str
) -> None:
    path = tmp_path / "junk.yaml"
    path.write_bytes(content)
    assert any(wrong in problem.what for problem in check([path]))
    with pytest.raises(BadPlan):
        load_file(path)


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "gone.yaml"
    assert check([path]) == [
        Problem(
            file=str(path),
            line=1,
            what="cannot be read",
            right="give the path of a plan, a YAML file in UTF-8",
        )
    ]
