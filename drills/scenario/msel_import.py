"""Read a list of events (MSEL) back into a scenario; what is wrong is told by sheet and row."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from pydantic import ValidationError

from drills.scenario.files import mistake_from, mistakes
from drills.scenario.msel import REPEAT, SHEETS, offset
from drills.scenario.schema import Scenario
from drills.scenario.text import written
from incident.words import vocabulary
from workflows.library import Library
from workflows.problems import Mistake
from workflows.source import parse

Rows = Iterable[tuple[str, list[list[str]]]]
LIST = re.compile(r"[,，、;\s]+")
HEADS = 2  # rows above the first: the title, the heads


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class RowProblem:
    """What is wrong in a row of a sheet, counted as people see it, from 1."""

    sheet: str
    row: int
    column: str
    what: str
    right: str

    def __str__(self) -> str:
        where = f"{self.sheet}!{self.row}" + (f" {self.column}" if self.column else "")
        return f"{where}: {self.what}; {self.right}"


class BadSheet(ValueError):
    """A workbook that makes no scenario."""

    def __init__(self, problems: Iterable[RowProblem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


def merge(scenario: Scenario, found: Rows, library: Library) -> Scenario:
    """Return the scenario with the injects and expectations of a workbook; raise BadSheet.

    A sheet that the workbook does not have leaves its part of the scenario as it is.
    """
    raw, rows = written(scenario), dict[str, list[int]]()
    problems: list[RowProblem] = []
    for title, cells in found:
        name = _called(title, tuple(SHEETS))
        if name is not None:
            raw[name], rows[name] = _read(name, cells, problems)
    if not rows:
        right = " and ".join(vocabulary()["msel"][name]["zh"] for name in SHEETS)
        problems.append(_problem("", 1, "", "no sheet of events", f"name them {right}"))
    if problems:
        raise BadSheet(problems)
    return _made(raw, rows, library)


def _made(raw: Mapping[str, Any], rows: Mapping[str, list[int]], library: Library) -> Scenario:
    try:
        scenario = Scenario.model_validate(raw)
    except ValidationError as error:
        wrong = [mistake_from(dict(item)) for item in error.errors()]
    else:
        wrong = mistakes(scenario, library)
        if not wrong:
            return scenario
    raise BadSheet(_located(mistake, rows) for mistake in wrong)


def _located(mistake: Mistake, rows: Mapping[str, list[int]]) -> RowProblem:
    match mistake.at:
        case (str(sheet), int(position), *rest) if position < len(rows.get(sheet, ())):
            column = str(rest[0]) if rest else ""
            return _problem(sheet, rows[sheet][position], column, mistake.what, mistake.right)
    where = str(mistake.at[0]) if mistake.at else ""
    return _problem(where, 1, "", mistake.what, mistake.right)


def _problem(sheet: str, row: int, column: str, what: str, right: str) -> RowProblem:
    return RowProblem(sheet=sheet, row=row, column=column, what=what, right=right)


def _called(text: str, names: Iterable[str]) -> str | None:
    words = vocabulary()["msel"]
    wanted = text.strip().casefold()
    return next(
        (
            name
            for name in names
            if wanted in (name, *(words[name][one].casefold() for one in words[name]))
        ),
        None,
    )


def _read(
    name: str, cells: list[list[str]], problems: list[RowProblem]
) -> tuple[list[dict[str, Any]], list[int]]:
    """Return the items of a sheet and the rows they stand in; a row without an id is a remark."""
    heads = [_called(text, SHEETS[name]) for text in (cells[1] if len(cells) > 1 else [])]
    if "id" not in heads:
        right = "keep the second row as it was exported"
        problems.append(_problem(name, HEADS, "", "there is no column of ids", right))
        return [], []
    items, rows = [], []
    for number, row in enumerate(cells[HEADS:], HEADS + 1):
        told = {head: text for head, text in zip(heads, row, strict=False) if head and text}
        if "id" in told:
            items.append(dict(_item(name, number, told, problems)))
            rows.append(number)
    return items, rows


def _item(
    sheet: str, row: int, told: Mapping[str, str], problems: list[RowProblem]
) -> Iterator[tuple[str, Any]]:
    for column, text in told.items():
        read, right = READERS.get(column, (str, ""))
        try:
            value = read(text)
        except (ValueError, yaml.YAMLError):
            what = f"`{text[:60]}` cannot be read"
            problems.append(_problem(sheet, row, column, what, right))
            continue
        if column not in ("answered", "expired"):
            yield column, value
    branch = {name: LIST.split(told[name]) for name in ("answered", "expired") if name in told}
    if branch:
        yield "branch", branch


def _yaml(text: str) -> object:
    source = parse(text)
    if source.mistakes or not isinstance(source.content, dict):
        raise ValueError(text)
    return source.content


def _yes(text: str) -> bool:
    if _called(text, ("yes",)) is None:
        raise ValueError(text)
    return True


def _repeat(text: str) -> dict[str, object]:
    found = REPEAT.match(text.strip())
    if found is None:
        raise ValueError(text)
    return {"every": found[1], "times": int(found[2])}


READERS: Mapping[str, tuple[Callable[[str], Any], str]] = {
    "at": (offset, "T+1:25, T+85 or 85m, after the start of the segment"),
    "expires": (offset, "20m"),
    "within": (offset, "30m"),
    "ready": (_yes, "yes, or nothing"),
    "when": (_yaml, "a condition such as {state: responding}"),
    "report": (_yaml, "a report such as {kind: food, source: hospital, …}"),
    "facts": (_yaml, "facts such as {ill: 12}"),
    "repeat": (_repeat, "10m × 3"),
    "parts": (LIST.split, "ids of roles"),
}
