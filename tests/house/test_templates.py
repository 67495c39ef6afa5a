"""Pages are escaped, load only what is ours, and run no script or style of their own."""

import re
from pathlib import Path

import pytest

from tests.support.tree import name, tracked

PAGES = [path for path in tracked("templates/pages") if path.name != "README.md"]
# Flask escapes by the last suffix: `.html.j2`, `.txt` and `.md` would come out raw.
ESCAPED = {".html", ".svg", ".xml"}

FORBIDDEN = {
    "a script in the page": re.compile(r"<script(?![^>]*\ssrc=)[^>]*>", re.I),
    "a style in the page": re.compile(r"<style\b|\sstyle\s*=", re.I),
    "a handler in the page": re.compile(r"<[^>]*\son[a-z]+\s*=\s*[\"'{]", re.I),
    "a script as an address": re.compile(r"(?:href|src|action)\s*=\s*[\"']\s*javascript:", re.I),
    "something from elsewhere": re.compile(
        r"<(?:script|link|img|iframe|source|video|audio)\b[^>]*(?:src|href)\s*=\s*[\"'](?:https?:)?//",
        re.I,
    ),
    "a word that is not escaped": re.compile(r"(?<![\"'])\s*\|\s*safe\b|\bautoescape\s+false\b"),
}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_has_a_name_that_is_escaped(page: Path) -> None:
    assert page.suffix in ESCAPED


@pytest.mark.parametrize("page", PAGES, ids=name)
@pytest.mark.parametrize("what", FORBIDDEN)
def test_a_page_holds_no(what: str, page: Path) -> None:
    text = re.sub(r"{#.*?#}", "", page.read_text(), flags=re.S)

    assert FORBIDDEN[what].findall(text) == []


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a script in the page", "<script>alert(1)</script>"),
        ("a style in the page", '<p style="color:red">'),
        ("a handler in the page", '<button onclick="x()">'),
        ("a script as an address", '<a href="javascript:x()">'),
        ("something from elsewhere", '<script src="https://cdn.example/x.js"></script>'),
        ("a word that is not escaped", "{{ narrative|safe }}"),
    ],
)
def test_what_is_forbidden_is_found(what: str, text: str) -> None:
    assert FORBIDDEN[what].search(text)


@pytest.mark.parametrize(
    "text",
    [
        '<script src="{{ url }}" defer></script>',
        """{{ ' aria-current="page"'|safe if current }}""",
        '<a href="https://example.org/law">',
    ],
)
def test_what_is_allowed_is_not_found(text: str) -> None:
    assert not [what for what, pattern in FORBIDDEN.items() if pattern.search(text)]


@pytest.mark.parametrize("sheet", tracked("templates/static/*.css"), ids=name)
def test_a_style_sheet_loads_nothing_from_elsewhere(sheet: Path) -> None:
    assert not re.search(r"@import|url\(\s*[\"']?(?:https?:)?//", sheet.read_text())
