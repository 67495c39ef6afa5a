"""The papers are true: their commands exist, their links lead somewhere, their tables are fresh."""

import re
import runpy
from pathlib import Path

import pytest

from tests.support.tree import ROOT, name, tracked

PAPERS = tracked("*.md")
DECISIONS = tracked("docs/decisions/*.md")
RENDER = runpy.run_path(str(ROOT / "docs" / "render.py"))


def targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text()
    return set(re.findall(r"^([a-z-]+):", makefile, re.M))


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 60


@pytest.mark.parametrize("paper", PAPERS, ids=name)
def test_every_make_command_of_a_paper_exists(paper: Path) -> None:
    code = re.findall(r"`([^`\n]+)`|^    (.+)$", paper.read_text(), re.M)
    named = re.findall(r"\bmake (?:[A-Z]+=\S+ )?([a-z-]+)", "\n".join(a or b for a, b in code))

    assert set(named) <= targets()


@pytest.mark.parametrize("paper", PAPERS, ids=name)
def test_every_link_of_a_paper_leads_to_a_file(paper: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", paper.read_text())

    assert [link for link in links if not (paper.parent / link).exists()] == []


@pytest.mark.parametrize("paper", RENDER["SECTIONS"])
def test_what_the_code_knows_better_is_fresh(paper: str) -> None:
    """`python docs/render.py` writes it anew."""
    assert (ROOT / "docs" / paper).read_text() == RENDER["rendered"](paper)


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(path.name[:4]) for path in DECISIONS)

    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("paper", DECISIONS, ids=name)
def test_a_decision_says_what_was_decided_why_and_what_follows(paper: Path) -> None:
    text = paper.read_text()

    assert re.match(r"\d{4}-[a-z0-9-]+\.md$", paper.name)
    assert text.startswith("# ")
    assert re.findall(r"^## (.+)$", text, re.M) == ["Context", "Decision", "Consequences"]
