"""Packages of the operating system: what is missing, and how it gets there."""

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from setup.step import ROOT, Kind, SetUpError, command, say

FONT_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("~/.local/share/fonts").expanduser(),
    Path("~/.fonts").expanduser(),
)


def _has_library(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _has_font(pattern: str) -> bool:
    return any(next(folder.rglob(pattern), None) for folder in FONT_FOLDERS if folder.is_dir())


def _has_program(*names: str) -> bool:
    return any(shutil.which(name) for name in names)


def _has_venv() -> bool:
    """Debian takes ensurepip out of Python; an environment that stands needs it no more."""
    made = (ROOT / ".venv" / "bin" / "pip").exists()
    return made or importlib.util.find_spec("ensurepip") is not None


def _has_postgresql() -> bool:
    """Debian keeps the server's programs off the PATH."""
    return _has_program("initdb") or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


@dataclass(frozen=True)
class Need:
    """A thing the machine must have, and the Debian package that brings it."""

    package: str
    why: str
    is_there: Callable[[], bool]


VENV = Need(
    f"python3.{sys.version_info.minor}-venv",
    "makes the Python environment; nothing goes without it",
    _has_venv,
)
FOR_RUN = (
    VENV,
    Need(
        "libpango-1.0-0",
        "sets the text of documents",
        partial(_has_library, "libpango-1.0.so.0"),
    ),
    Need(
        "libpangoft2-1.0-0",
        "finds the fonts of documents",
        partial(_has_library, "libpangoft2-1.0.so.0"),
    ),
    Need(
        "libharfbuzz-subset0",
        "puts only the used letters into a document",
        partial(_has_library, "libharfbuzz-subset.so.0"),
    ),
    Need("fonts-noto-cjk", "Chinese letters", partial(_has_font, "Noto*CJK*")),
)
FOR_TEST = (
    *FOR_RUN,
    Need("postgresql", "the database of a larger desk", _has_postgresql),
    Need(
        "chromium",
        "the browser that the pages are tried in",
        partial(_has_program, "chromium", "chromium-browser", "google-chrome"),
    ),
    Need("poppler-utils", "reads documents back", partial(_has_program, "pdftotext")),
)


def prepare(kind: Kind) -> None:
    """Install what is missing where we may; a run goes on without, the tests cannot."""
    missing = [need for need in (FOR_RUN if kind == "run" else FOR_TEST) if not need.is_there()]
    if not missing:
        return
    for need in missing:
        say(f"  missing: {need.package} ({need.why})")
    try:
        _install([need.package for need in missing])
    except SetUpError as error:
        if kind == "test" or VENV in missing:
            raise
        say(f"\n{error}\n\nGoing on: the desk runs, documents cannot be printed until then.\n")


def _install(packages: Sequence[str]) -> None:
    """Install Debian packages, or raise SetUpError with the command that someone else must run."""
    words = _become_root()
    names = " ".join(packages)
    if words is None:
        raise SetUpError(
            "These packages are needed, and this account may not install them. "
            f"Ask for:\n\n    sudo apt-get install {names}"
        )
    say(f"Installing system packages by apt-get: {names}")
    apt = (*words, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq")
    wait = ("-o", "DPkg::Lock::Timeout=120")
    command(*apt, *wait, "update")
    command(*apt, *wait, "install", "-y", "--no-install-recommends", *packages)


def _become_root() -> tuple[str, ...] | None:
    """What stands before `apt-get` so that it may install; None where nothing would."""
    if not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return ()
    if shutil.which("sudo") and _succeeds("sudo", "-n", "true"):
        return ("sudo", "-n")
    return None


def _succeeds(*words: str) -> bool:
    return subprocess.run(words, capture_output=True, check=False).returncode == 0  # noqa: S603
