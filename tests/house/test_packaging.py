"""A wheel, an editable install and a checkout hold the same packages."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.tree import ROOT, name, tracked

PACKAGES = {"incident", "workflows", "notifications", "templates", "drills"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder: Path = tmp_path_factory.mktemp("wheel")
    words = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
    (file,) = folder.glob("*.whl")
    with zipfile.ZipFile(file) as archive:
        return archive.namelist()


def test_a_wheel_holds_five_packages_and_the_entry_point(wheel: list[str]) -> None:
    tops = {entry.partition("/")[0] for entry in wheel}

    assert {top for top in tops if not top.endswith(".dist-info")} == PACKAGES | {"wsgi.py"}


def test_a_wheel_holds_every_file_of_its_packages(wheel: list[str]) -> None:
    wanted = {name(path) for package in PACKAGES for path in tracked(package)}

    assert wanted <= set(wheel)


def test_a_wheel_holds_the_scripts_of_the_pages(wheel: list[str]) -> None:
    assert "templates/static/vendor/socket.io.min.js" in wheel
