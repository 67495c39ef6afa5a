"""Where a crash can be made: each place stands in the code once, and does nothing by itself."""

import ast
import os
import signal
import subprocess
import sys
from collections import Counter

import pytest

from incident import crashpoints
from incident.settings import load
from tests.support.crashes import Crashed, crash_at
from tests.support.desk import ENVIRONMENT
from tests.support.tree import ROOT, tracked

CHILD = (
    "from incident.crashpoints import crashpoint\nfor n in range(9):\n crashpoint('a')\n print(n)"
)


def places() -> Counter[str]:
    return Counter(
        node.args[0].value
        for path in tracked("incident/*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "crashpoint"
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    )


def run(crash: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, crashpoints.VARIABLE: crash}
    words = [sys.executable, "-u", "-c", CHILD]
    return subprocess.run(
        words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_every_place_has_a_name_of_its_own() -> None:
    assert len(places()) >= 18
    assert set(places().values()) == {1}


def test_a_process_dies_at_the_place_and_the_time_that_were_named() -> None:
    died = run("a:3")

    assert died.returncode == -signal.SIGKILL
    assert died.stdout.split() == ["0", "1"]


@pytest.mark.parametrize("crash", ["", "b:1", "a:99"])
def test_any_other_name_or_time_does_nothing(crash: str) -> None:
    assert run(crash).stdout.split() == [str(n) for n in range(9)]


def test_nothing_is_armed_unless_it_was_asked_for() -> None:
    assert crashpoints.fuse is None


def test_the_settings_know_the_name() -> None:
    load({**ENVIRONMENT, crashpoints.VARIABLE: "a:1"})


def test_a_crash_is_caught_by_nothing_in_the_desk() -> None:
    assert not issubclass(Crashed, Exception)
    with crash_at("a", at=2):
        for _ in range(2):
            crashpoints.crashpoint("a")
