"""What is installed is what was locked: by hash, and from no address of ours."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.tree import ROOT

RUN = ROOT / "requirements.lock"
DEV = ROOT / "requirements-dev.lock"
BUILD = ROOT / "setup" / "build.lock"
NODE = ROOT / "setup" / "node.lock"
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def blocks(lock: Path) -> list[str]:
    """Split a lock into one text for each package, its hashes included."""
    joined = lock.read_text().replace("\\\n", " ")
    return [line for line in joined.splitlines() if line and not line.startswith("#")]


def pins(lock: Path) -> dict[str, str]:
    """Return the version of each package."""
    wanted = [Requirement(block.partition(" --hash")[0]) for block in blocks(lock)]
    return {canonicalize_name(one.name): str(one.specifier) for one in wanted}


@pytest.mark.parametrize("lock", [RUN, DEV, BUILD, NODE], ids=lambda lock: lock.name)
def test_every_package_has_one_version_and_its_hashes(lock: Path) -> None:
    assert blocks(lock)
    for block in blocks(lock):
        assert re.match(r"[a-z0-9.-]+(\[[a-z0-9,-]+\])?==[^ ]+ ", block), block
        assert HASH.search(block), block
        assert "://" not in block


def test_the_tests_run_on_the_versions_that_run_the_desk() -> None:
    assert pins(RUN).items() <= pins(DEV).items()


def test_building_changes_no_version() -> None:
    built, tested = pins(BUILD), pins(DEV)

    assert {one: built[one] for one in built.keys() & tested.keys()}.items() <= tested.items()


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = {
        RUN: project["project"]["dependencies"],
        DEV: project["dependency-groups"]["dev"],
        BUILD: project["dependency-groups"]["build"],
        NODE: project["dependency-groups"]["node"],
    }
    for lock, dependencies in wanted.items():
        versions = pins(lock)
        for dependency in map(Requirement, dependencies):
            locked = versions[canonicalize_name(dependency.name)].removeprefix("==")
            assert dependency.specifier.contains(locked, prereleases=True), dependency


def test_browser_scripts_are_locked_by_digest_and_name_no_address() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]

    for place, package in packages.items():
        if place:
            assert package["integrity"].startswith("sha512-"), place
            assert "resolved" not in package, place
