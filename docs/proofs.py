"""What is proved by which test: rows of proofs.yaml with the tests that name them."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
MARK = "proves"


def rows(section: str) -> dict[str, dict[str, Any]]:
    """Return the rows of a section by name."""
    told = yaml.safe_load((DOCS / "proofs.yaml").read_text(encoding="utf-8"))
    return {str(name): dict(row) for name, row in told[section].items()}


def every_row() -> dict[str, dict[str, Any]]:
    """Return the rows of all sections."""
    return {**rows("promises"), **rows("crashes"), **rows("faults")}


def marked() -> Mapping[str, list[str]]:
    """Return by row the tests that say that they prove it, without running any."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for name in _named(node):
                    found[name].append(f"{path.relative_to(ROOT).as_posix()}::{node.name}")
    return found


def proofs() -> dict[str, list[str]]:
    """Return the tests of each row, those that name it first."""
    by_mark = marked()
    return {
        name: list(dict.fromkeys([*by_mark.get(name, ()), *row.get("tests", ())]))
        for name, row in every_row().items()
    }


def table(section: str) -> str:
    """Return a section as a table: the row, its tests, and what is not proved."""
    shown = proofs()
    lines = ["| row | what | must hold | shown by | not shown |", "|---|---|---|---|---|"]
    for name, row in rows(section).items():
        must = row.get("must") or row.get("figure")
        kill = " (kill -9)" if row.get("kill") else ""
        tests = "<br>".join(_shown(test) for test in shown[name]) or "–"
        missing = row.get("missing", "")
        lines.append(f"| {name} | {row['what']}{kill} | {must} | {tests} | {missing} |")
    return "\n".join(lines)


def _named(test: ast.FunctionDef) -> Iterator[str]:
    """Give the rows that a test's decorators name, also those of its parameters."""
    for decorator in test.decorator_list:
        for node in ast.walk(decorator):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == MARK:
                yield from (str(each.value) for each in node.args if isinstance(each, ast.Constant))


def _shown(test: str) -> str:
    path, _, name = test.partition("::")
    sentence = name.removeprefix("test_").replace("_", " ")
    return f"[{sentence}](../{path})"
