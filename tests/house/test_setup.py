"""The set-up does each thing once, and says what it cannot do."""

import subprocess
import sys
from pathlib import Path

import pytest

from setup import step, system
from tests.support.tree import ROOT

NOWHERE = system.Need("fonts-of-nowhere", "letters that nobody reads", lambda: False)


@pytest.fixture
def stamps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(step, "STAMPS", tmp_path / ".setup")
    return tmp_path / ".setup"


@pytest.fixture
def no_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which this account finds no `apt-get`."""
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.usefixtures("stamps")
def test_a_step_is_done_until_its_inputs_change() -> None:
    assert not step.is_done("environment", "run", "a lock")

    step.mark_done("environment", "run", "a lock")

    assert step.is_done("environment", "run", "a lock")
    assert not step.is_done("environment", "run", "another lock")


@pytest.mark.usefixtures("stamps")
def test_what_was_done_for_the_tests_serves_a_run_but_not_the_other_way() -> None:
    step.mark_done("environment", "test", "a lock")
    step.mark_done("browser", "run", "a lock")

    assert step.is_done("environment", "run", "a lock")
    assert not step.is_done("browser", "test", "a lock")


@pytest.mark.usefixtures("no_root")
def test_the_tests_stop_and_name_what_may_not_be_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(system, "FOR_TEST", (NOWHERE,))

    with pytest.raises(step.SetUpError, match="sudo apt-get install fonts-of-nowhere"):
        system.prepare("test")


@pytest.mark.usefixtures("no_root")
def test_a_run_goes_on_and_names_what_may_not_be_installed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(system, "FOR_RUN", (NOWHERE,))

    system.prepare("run")

    said = capsys.readouterr().out
    assert "missing: fonts-of-nowhere (letters that nobody reads)" in said
    assert "sudo apt-get install fonts-of-nowhere" in said


@pytest.mark.usefixtures("no_root")
def test_nothing_goes_without_a_python_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = system.Need(system.VENV.package, system.VENV.why, lambda: False)
    monkeypatch.setattr(system, "VENV", bare)
    monkeypatch.setattr(system, "FOR_RUN", (bare,))

    with pytest.raises(step.SetUpError, match=r"python3\.\d+-venv"):
        system.prepare("run")


def test_a_command_that_fails_shows_what_it_said() -> None:
    with pytest.raises(step.SetUpError, match=r"(?s)failed \(3\).*no such lock"):
        step.command(sys.executable, "-c", "print('no such lock'); raise SystemExit(3)")


def test_the_set_up_needs_nothing_that_it_installs() -> None:
    """`-S` leaves out all that was ever installed."""
    words = [sys.executable, "-S", "-m", "setup"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert done.stdout == "Usage: python3 -m setup run|test\n"
