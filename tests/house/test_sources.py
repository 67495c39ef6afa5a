"""Rules of the house that no linter holds."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.tree import name, tracked

LONGEST_FILE = 300
LONGEST_TEST = 400
LONGEST_FUNCTION = 45
LONGEST_STORY = 110
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
PACKAGES = ("incident", "workflows", "notifications", "drills")

# Each exception gives its reason.
LONG_FILES: dict[str, str] = {
    "incident/migrations/versions/20261123_first.py": "the first schema, written out once",
}
CHINESE_IN_CODE: dict[str, str] = {
    "incident/settings.py": "the example office's name is the default of a setting",
}

# Put together here, so that this file does not name what it forbids.
REGISTRIES = (
    ("pypi", "org"),
    ("pythonhosted", "org"),
    ("npmjs", "org"),
    ("npmjs", "com"),
    ("yarnpkg", "com"),
    ("deb.debian", "org"),
    ("security.debian", "org"),
    ("archive.ubuntu", "com"),
)
REGISTRY = re.compile("|".join(re.escape(".".join(parts)) for parts in REGISTRIES))
MACHINE_PATH = re.compile(r"(?<![\w.}>/-])/(?:work|root|home)/\w")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def lines_with(pattern: re.Pattern[str]) -> Iterator[str]:
    for path in tracked():
        text = path.read_bytes().decode(errors="replace")
        for number, line in enumerate(text.splitlines(), 1):
            if pattern.search(line):
                yield f"{name(path)}:{number}"


def test_no_file_names_a_package_registry() -> None:
    assert list(lines_with(REGISTRY)) == []


def test_no_file_names_a_path_of_one_machine() -> None:
    assert list(lines_with(MACHINE_PATH)) == []


@pytest.mark.parametrize(
    ("line", "is_path"),
    [
        ("cd /" + "home/officer", True),
        ("'/" + "root/desk'", True),
        ("https://desk.example/" + "home/officer", False),
        ("{root}/" + "work/report", False),
    ],
)
def test_a_path_of_one_machine_is_told_from_an_address(line: str, *, is_path: bool) -> None:
    assert bool(MACHINE_PATH.search(line)) is is_path


def longest(path: Path) -> int:
    """Return how long a file may be; the tables of a test take more room."""
    return LONGEST_TEST if name(path).startswith("tests/") else LONGEST_FILE


def test_files_keep_to_one_subject() -> None:
    long = {
        name(path): lines
        for path in tracked("*.py", "*.js", "*.css", "*.html", "*.sh")
        if (lines := len(path.read_text().splitlines())) > longest(path)
    }

    assert set(long) <= set(LONG_FILES), {file: long[file] for file in long.keys() - LONG_FILES}


def own_lines(function: ast.AST) -> int:
    """Count a function's lines without those of the functions inside it, such as routes."""
    assert isinstance(function, FUNCTIONS)
    inner = [node for node in function.body if isinstance(node, FUNCTIONS)]
    whole = (function.end_lineno or 0) - function.lineno + 1
    return whole - sum((node.end_lineno or 0) - node.lineno + 1 for node in inner)


def longest_function(path: Path) -> int:
    """Return how long a function may be; a test may tell a whole story."""
    return LONGEST_STORY if name(path).startswith("tests/") else LONGEST_FUNCTION


def test_functions_do_one_thing() -> None:
    long = [
        f"{name(path)}:{node.lineno} {node.name}, {own_lines(node)} lines"
        for path in tracked("*.py")
        if "migrations/versions" not in name(path)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, FUNCTIONS) and own_lines(node) > longest_function(path)
    ]

    assert long == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        name(path)
        for path in tracked("*.py")
        if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]

    assert silent == []


def chinese_strings(path: Path) -> Iterator[int]:
    """Give the lines of Chinese strings that a program could show; docstrings are for readers."""
    tree = ast.parse(path.read_text())
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in alone:
            continue
        if CHINESE.search(str(node.value)):
            yield node.lineno


def test_words_for_people_live_in_templates_and_plans() -> None:
    found = {
        name(path): lines
        for package in PACKAGES
        for path in tracked(f"{package}/*.py")
        if (lines := list(chinese_strings(path)))
    }

    assert set(found) <= set(CHINESE_IN_CODE), found
