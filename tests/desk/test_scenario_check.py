"""A scenario that cannot be played is told so: the line, what is wrong, what would be right."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from drills.cli import drill
from drills.scenario.files import check
from workflows.library import Library

LIBRARY = Library.load()
GOOD = """\
id: a-test
title: 试
kind: food
form: tabletop
content: single
purpose: test
plan: food-CN@2011
summary: 试
speed: 1
segments:
  - {id: main, title: 试, lasts: 60m}
parts:
  - {id: duty, title: 值班员, plays: player, desk: duty_officer}
  - {id: play, title: 家长, plays: simulator}
cast:
  - {id: one, name: 某, who: 家长, phone: "+8610000000001", part: play}
objectives:
  - {id: all, text: 试, weight: 100, item: reporting}
injects:
  - id: first
    at: 0m
    via: report
    sender: 某院
    report:
      {kind: food, source: hospital, place: {division: "999901"}, counts: {ill: 30}}
  - {id: asks, at: 5m, via: leader_question, sender: 某, text: 几人, expires: 5m}
  - {id: later, when: {answered: asks}, via: sms, sender: 某, text: 又问}
expectations:
  - {id: seen, text: 试, when: {action: verify}, within: 30m, objective: all}
"""
BROKEN = {
    "a telephone": ('"+8610000000001"', '"+8613812345678"', "may be a real telephone"),
    "a telephone in words": ("text: 几人", "text: 打13812345678", "real telephone stands"),
    "a weight": ("weight: 100", "weight: 90", "the weights are 90 together"),
    "an item": ("item: reporting", "item: other", "unknown item `other`"),
    "a plan": ("food-CN@2011", "food-CN@1900", "unknown plan"),
    "a plan of another kind": ("food-CN@2011", "drug-CN@2011", "is not for food"),
    "a player without a desk": (", desk: duty_officer", "", "duty is a player"),
    "a cast that nobody plays": ("part: play}", "part: gone}", "nobody simulates `gone`"),
    "an id twice": ("id: later,", "id: asks,", "the id asks stands 2 times"),
    "an unknown inject": ("answered: asks", "answered: gone", "unknown inject `gone`"),
    "a circle": ("{id: asks, at: 5m,", "{id: asks, when: {answered: later},", "a circle"),
    "no way to come": ("when: {answered: asks}, via", "via", "later is unreachable"),
    "two ways to come": ("at: 5m,", "at: 5m, ready: true,", "in more than one way"),
    "a time after the end": ("at: 5m,", "at: 61m,", "comes after its segment"),
    "no time at all": ("within: 30m", "within: 0m", "leaves no time"),
    "a deadline after the end": ("within: 30m", "within: 61m", "due after the drill is over"),
    "an unknown segment": ("id: asks,", "id: asks, segment: gone,", "unknown segment `gone`"),
    "an unknown state": ("{action: verify}", "{state: gone}", "unknown state `gone`"),
    "an unknown action": ("{action: verify}", "{action: fly}", "unknown action `fly`"),
    "an unknown fact": ("{action: verify}", "{fact: luck, at_least: 1}", "unknown fact"),
    "an unknown task": ("{action: verify}", "{task: A99}", "has no task `A99`"),
    "an unknown clock": ("{action: verify}", "{clock: FC-NO}", "has no clock `FC-NO`"),
    "no condition": ("{action: verify}", "{wish: 1}", "this is not a condition"),
    "a number nobody tells": (
        "{action: verify}",
        "{fact: ill, at_least: 31}",
        "ill 31 can never be known: at most 30 is told",
    ),
    "a role that nobody calls": (
        "{action: verify}",
        "{message: reported, role: expert}",
        "calls no expert when reported",
    ),
    "a contradiction": (
        "{action: verify}",
        "{all: [{fact: ill, equals: 30}, {fact: ill, equals: 5}]}",
        "cannot be 30 and 5 at once",
    ),
    "an unknown objective": ("objective: all", "objective: gone", "unknown objective `gone`"),
    "a moment that is none": ("within: 30m,", "within: 30m, since: dawn,", "unknown moment"),
    "a channel": ("via: sms", "via: pigeon", "unknown via `pigeon`"),
    "nothing brought": (", text: 又问", "", "later brings nothing"),
    "facts by sms": ("text: 又问", "facts: {ill: 1}", "no `facts` comes by sms"),
    "a report on something else": ("{kind: food,", "{kind: drug,", "a report on drug"),
    "a place that is none": ('"999901"', '"000000"', "unknown division"),
    "a count above all": ("{ill: 30}", "{ill: 30, severe: 31}", "severe is above ill"),
    "no report first": ("at: 0m", "at: 6m", "does not begin with a report"),
    "an alias": ("title: 试\nkind", "title: &a 试\nremark: *a\nkind", "aliases"),
    "another file's name": ("id: a-test", "id: b-test", "the file is named a-test.yaml"),
}

AT = {
    "the weights are 90 together": GOOD[: GOOD.index("objectives:")].count("\n") + 1,
    "does not begin with a report": GOOD[: GOOD.index("injects:")].count("\n") + 1,
    "aliases": 3,
}
"""Where the line told is not that of what was changed."""


def written(folder: Path, text: str) -> Path:
    path = folder / "a-test.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_scenario_has_no_problem(tmp_path: Path) -> None:
    assert check([written(tmp_path, GOOD)], LIBRARY) == []


@pytest.mark.parametrize(("old", "new", "what"), BROKEN.values(), ids=BROKEN.keys())
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, old: str, new: str, what: str) -> None:
    line = AT.get(what) or GOOD[: GOOD.index(old)].count("\n") + 1
    path = written(tmp_path, GOOD.replace(old, new, 1))

    problems = check([path], LIBRARY)

    told = [str(problem) for problem in problems if what in problem.what]
    assert told, list(map(str, problems))
    assert told[0].startswith(f"a-test.yaml:{line}: ")
    assert all(problem.right for problem in problems)


def test_a_count_that_falls_needs_a_reason(tmp_path: Path) -> None:
    update = """\
  - id: fewer
    at: 9m
    via: hospital_update
    sender: 某院
    report: {kind: food, source: hospital, place: {division: "999901"}, counts: {ill: 20}WHY}
"""
    silent = GOOD.replace("expectations:", update.replace("WHY", "") + "expectations:")
    stated = GOOD.replace(
        "expectations:", update.replace("WHY", ", correction: 重复") + "expectations:"
    )

    (found,) = check([written(tmp_path, silent)], LIBRARY)
    assert "ill falls from 30 to 20" in found.what
    assert check([written(tmp_path, stated)], LIBRARY) == []


def test_a_branch_that_waits_for_silence_needs_an_end(tmp_path: Path) -> None:
    text = GOOD.replace("expires: 5m", "branch: {expired: [later]}").replace(
        "when: {answered: asks}, ", ""
    )

    (found,) = check([written(tmp_path, text)], LIBRARY)

    assert found.what == "asks never expires"


def test_the_command_ends_with_one_and_names_file_and_line(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD.replace("{action: verify}", "{action: fly}"))

    ended = CliRunner().invoke(drill, ["check", str(path)])

    assert ended.exit_code == 1
    assert ended.output.startswith("a-test.yaml:29: unknown action `fly`; one of verify")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"", b"[1, 2]", b"a: [", b"- x\n" * 300_000])
def test_a_file_that_is_no_scenario_is_told_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a-test.yaml"
    path.write_bytes(content)

    assert check([path], LIBRARY)
