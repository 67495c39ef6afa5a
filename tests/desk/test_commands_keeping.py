"""The commands that keep a desk, as real processes: doctor, plans, backup, restore, drill run."""

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.tree import ROOT

TOCSIN = ROOT / ".venv" / "bin" / "tocsin"
PLAN = ROOT / "workflows" / "plans" / "food-CN@2011.yaml"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def tocsin(tmp_path: Path) -> Run:
    """Run the command on a desk of its own."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("TOCSIN", "TWI"))
    }

    def run(*words: str | Path, **changes: str) -> subprocess.CompletedProcess[str]:
        environment = {**kept, "TOCSIN_DATA_DIR": str(tmp_path / "desk"), **changes}
        return subprocess.run(
            [TOCSIN, *words],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run


@pytest.fixture
def desk(tocsin: Run) -> Run:
    """The same, on a prepared database."""
    assert tocsin("init").returncode == 0
    return tocsin


def test_the_doctor_says_line_by_line_what_is_well(desk: Run) -> None:
    told = json.loads(desk("doctor", "--json").stdout)

    for check in ("database", "schema", "clock", "durability", "disk", "secrets", "channels"):
        assert told[check]["ok"], told[check]
    assert {"fonts", "shaping", "versions", "holidays"} <= set(told)


def test_the_doctor_says_what_to_do(desk: Run, tmp_path: Path) -> None:
    (tmp_path / "desk" / "secret-key").chmod(0o644)

    done = desk("doctor")

    assert done.returncode == 1
    line = next(line for line in done.stdout.splitlines() if "Secrets" in line)
    assert line.startswith("NOT")
    assert "chmod 600" in line


def test_the_doctor_speaks_of_a_database_that_is_away(desk: Run) -> None:
    done = desk("doctor", TOCSIN_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")

    assert done.returncode == 1
    assert "TOCSIN_DATABASE_URL" in done.stdout
    assert "Traceback" not in done.stderr


def test_the_doctor_speaks_of_an_old_schema(tocsin: Run, tmp_path: Path) -> None:
    (tmp_path / "desk").mkdir()

    done = tocsin("doctor")

    assert done.returncode == 1
    assert "tocsin init" in done.stdout


def test_plans_are_listed_with_their_digests(tocsin: Run) -> None:
    told = json.loads(tocsin("plans", "list", "--json").stdout)

    assert "food-CN@2011" in [plan["id"] for plan in told["plans"]]
    assert all(len(plan["digest"]) == 64 for plan in told["plans"])


def test_a_good_plan_has_no_problem(tocsin: Run) -> None:
    done = tocsin("plans", "check", PLAN)

    assert (done.returncode, done.stdout) == (0, "")


def test_a_bad_plan_is_told_with_line_and_remedy(tocsin: Run, tmp_path: Path) -> None:
    bad = tmp_path / PLAN.name
    bad.write_text(PLAN.read_text(encoding="utf-8").replace("kinds: [food]", "kinds: [fod]"))

    done = tocsin("plans", "check", bad)

    assert done.returncode == 1
    assert done.stdout.startswith(f"{bad}:")
    assert int(done.stdout.split(":")[1]) > 0


def test_facts_are_graded_by_a_plan(tocsin: Run, tmp_path: Path) -> None:
    facts = tmp_path / "facts.yaml"
    facts.write_text("ill: 120\ndeaths: 0\n", encoding="utf-8")

    told = json.loads(tocsin("plans", "grade", PLAN, facts, "--json").stdout)
    plain = tocsin("plans", "grade", PLAN, facts)

    assert told["plan"] == "food-CN@2011"
    assert told["grade"] in ("I", "II", "III", "IV", None)
    assert plain.returncode == 0
    assert "grade" in plain.stdout


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("ill: 1\nil: 2\n", 2, "vocabulary"),
        ("ill: -1\n", 1, "ill"),
        ("ill: [\n", 2, ""),
        ("- ill\n", 1, "no facts"),
    ],
)
def test_wrong_facts_are_told_with_their_line(
    tocsin: Run, tmp_path: Path, text: str, line: int, told: str
) -> None:
    facts = tmp_path / "facts.yaml"
    facts.write_text(text, encoding="utf-8")

    done = tocsin("plans", "grade", PLAN, facts)

    assert done.returncode == 1
    assert f"{facts}:{line}:" in done.stderr
    assert told in done.stderr


def test_a_backup_is_made_and_restored_elsewhere(desk: Run, tmp_path: Path) -> None:
    file = tmp_path / "kept.tar.gz"

    made = desk("backup", file, "--json")
    again = desk("restore", file)
    elsewhere = desk("restore", file, "--json", TOCSIN_DATA_DIR=str(tmp_path / "other"))
    whole = desk("audit", "verify", TOCSIN_DATA_DIR=str(tmp_path / "other"))

    assert made.returncode == 0, made.stderr
    assert "secret-key" in made.stderr
    assert again.returncode == 1
    assert "--force" in again.stderr
    assert elsewhere.returncode == 0, elsewhere.stderr
    assert json.loads(elsewhere.stdout)["head"] == json.loads(made.stdout)["head"]
    assert whole.returncode == 0
    assert desk("restore", file, "--force").returncode == 0


def test_a_file_that_is_no_backup_changes_nothing(desk: Run, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")

    done = desk("restore", tmp_path / "x", "--force")

    assert done.returncode == 1
    assert "nothing was changed" in done.stderr
    assert desk("audit", "verify").returncode == 0


def test_a_drill_that_is_not_there_is_told_with_those_that_are(desk: Run) -> None:
    done = desk("drill", "run", "nothing")

    assert done.returncode == 2
    assert "school-canteen-salmonella" in done.stderr


def test_a_drill_that_is_interrupted_is_left_to_the_engine(desk: Run, tmp_path: Path) -> None:
    environment = {**os.environ, "TOCSIN_DATA_DIR": str(tmp_path / "desk")}
    words = [TOCSIN, "drill", "run", "school-canteen-salmonella", "--speed", "1", "--json"]
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) as playing:
        assert playing.stdout is not None
        started, first = (json.loads(playing.stdout.readline()) for _ in range(2))
        playing.send_signal(signal.SIGINT)
        summed_up = json.loads(playing.stdout.read())

    assert playing.returncode == 1
    assert started["drill"].startswith("YL-")
    assert first["inject"] == "first-call"
    assert first["incident"].startswith("YL-SP")
    assert summed_up["state"] == "running"
    assert summed_up["played"] == 1


def damaged(file: Path) -> None:
    """Overwrite some pages in the middle, as a failing disk does."""
    with file.open("r+b") as pages:
        pages.seek(5 * 4096)
        pages.write(b"\xff" * 20 * 4096)


@pytest.mark.proves("D")
def test_a_damaged_file_is_refused_and_the_backup_brings_the_desk_back(
    desk: Run, tmp_path: Path
) -> None:
    assert desk("backup", tmp_path / "kept.zip").returncode == 0
    damaged(tmp_path / "desk" / "tocsin.db")

    served, examined = desk("serve"), desk("doctor")

    assert served.returncode == 1
    assert "the database file is damaged" in served.stderr
    assert "tocsin restore" in served.stderr
    assert examined.returncode == 1
    elsewhere = {"TOCSIN_DATA_DIR": str(tmp_path / "new")}
    assert desk("restore", tmp_path / "kept.zip", **elsewhere).returncode == 0
    assert desk("audit", "verify", **elsewhere).returncode == 0
