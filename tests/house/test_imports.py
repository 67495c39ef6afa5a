"""Who may import whom, as import-linter holds it."""

import subprocess
from pathlib import Path

from tests.support.tree import ROOT


def test_imports_go_one_way() -> None:
    done = subprocess.run(
        [ROOT / ".venv" / "bin" / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_bind_every_package() -> None:
    bound = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"setup", "tests", "bench"}

    configured = (ROOT / "pyproject.toml").read_text().partition("root_packages = [")[2]
    assert bound <= {part.strip('" ') for part in configured.partition("]")[0].split(",")}


def test_the_entry_point_is_the_only_module_at_the_top() -> None:
    assert [path.name for path in Path(ROOT).glob("*.py")] == ["wsgi.py"]
