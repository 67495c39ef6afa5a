"""The Python environment in `.venv`: libraries by hash, and Tocsin itself."""

import shutil
import sys
import venv

from setup.step import ROOT, Kind, command, digest, is_done, mark_done, say

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = {"run": ROOT / "requirements.lock", "test": ROOT / "requirements-dev.lock"}
BUILD_LOCK = ROOT / "setup" / "build.lock"


def prepare(kind: Kind) -> None:
    if not _works():
        _create()
    inputs = digest(*LOCKS.values(), BUILD_LOCK, ROOT / "pyproject.toml")
    if (VENV / "bin" / "tocsin").exists() and is_done("environment", kind, inputs):
        return
    _install(kind)
    mark_done("environment", kind, inputs)


def pip(*words: str) -> None:
    command(PYTHON, "-m", "pip", "--disable-pip-version-check", *words)


def _works() -> bool:
    """Whether the environment is whole, of this Python, and was made in this place."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    script = VENV / "bin" / "pip"
    return (
        PYTHON.exists()
        and (VENV / "lib" / version).is_dir()
        and script.exists()
        and str(VENV) in script.read_text()
    )


def _create() -> None:
    say("Making the Python environment in .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    venv.create(VENV, with_pip=True, symlinks=True)


def _install(kind: Kind) -> None:
    lock = LOCKS[kind]
    say(f"Installing Python libraries by hash from {lock.name} (one to three minutes)")
    pip("install", "-q", "--require-hashes", "-r", str(lock), "-r", str(BUILD_LOCK))
    pip("install", "-q", "--no-deps", "--no-build-isolation", "-e", str(ROOT))
