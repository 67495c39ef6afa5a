"""Nothing is said to be proved that no test proves, and nothing that is not proved is hidden."""

import ast
import runpy

import pytest

from tests.support.tree import ROOT

PROOFS = runpy.run_path(str(ROOT / "docs" / "proofs.py"))
ROWS: dict[str, dict[str, object]] = PROOFS["every_row"]()
TESTS: dict[str, list[str]] = PROOFS["proofs"]()


@pytest.mark.parametrize("row", ROWS)
def test_every_row_has_a_test_or_says_why_not(row: str) -> None:
    assert TESTS[row] or ROWS[row].get("missing")


@pytest.mark.parametrize("row", ROWS)
def test_every_test_of_a_row_exists(row: str) -> None:
    for test in TESTS[row]:
        path, _, name = test.partition("::")
        nodes = ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8")))
        assert name in {node.name for node in nodes if isinstance(node, ast.FunctionDef)}, test


def test_every_mark_names_a_row() -> None:
    assert set(PROOFS["marked"]()) <= set(ROWS)


def test_the_whole_matrix_is_there() -> None:
    assert {f"A{number}" for number in range(1, 26)} <= set(ROWS)
    assert {f"S{number}" for number in range(1, 11)} <= set(ROWS)
    assert set("BCDEFLUH") <= set(ROWS)
