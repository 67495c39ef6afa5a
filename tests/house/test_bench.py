"""The benchmarks run; what they measure is no test."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.__main__ import SUBJECTS
from bench.figures import Figure, markdown, shown, table
from bench.samples import percentile
from tests.support.tree import ROOT


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_benchmark_runs_in_its_smallest_form(subject: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench", subject, "--quick", "--results", str(tmp_path)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=380, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads((tmp_path / f"{subject}.json").read_text(encoding="utf-8"))
    assert told["about"]["quick"]
    assert {figure["subject"] for figure in told["figures"]} == {subject}
    assert told["figures"][0]["name"] in done.stdout


@pytest.mark.parametrize(
    ("share", "value"), [(0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100), (0.0, 1)]
)
def test_a_percentile_is_a_value_that_was_measured(share: float, value: int) -> None:
    assert percentile(list(range(100, 0, -1)), share) == value


def test_the_slowest_of_a_few_is_their_p99() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.99) == 3.0


def test_a_table_says_what_was_not_met() -> None:
    figures = [
        Figure(subject="a", name="警报", value=1234.5, unit="/s", aim="> 2000/s", met=False),
        Figure(subject="a", name="size", value=0.25, unit="kB", floor=0.5),
    ]
    assert "NOT MET" in table(figures).splitlines()[1]
    assert markdown(figures).splitlines()[3] == "| a | size | 0.25 kB | 0.5 |  |  |"


@pytest.mark.parametrize(
    ("value", "text"), [(3.0, "3"), (0.1234, "0.123"), (1234.5, "1,234"), (0.0, "0")]
)
def test_a_number_shows_what_means_something(value: float, text: str) -> None:
    assert shown(value) == text
