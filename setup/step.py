"""What the steps of the set-up share: the tree, plain words, commands, and what is done."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

Kind = Literal["run", "test"]

ROOT = Path(__file__).resolve().parent.parent
STAMPS = ROOT / ".setup"


class SetUpError(Exception):
    """The machine lacks something that we may not or cannot install; the text says what to do."""


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def command(*words: str | Path, env: Mapping[str, str] | None = None) -> None:
    """Run a command silently; when it fails, raise SetUpError with what it printed."""
    done = subprocess.run(  # noqa: S603  our own words, no shell
        [str(word) for word in words],
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        line = " ".join(str(word) for word in words)
        raise SetUpError(
            f"This command failed ({done.returncode}): {line}\n\n{done.stdout[-4000:]}"
        )


def digest(*files: Path) -> str:
    """SHA-256 over the contents of the files and the interpreter's version."""
    total = hashlib.sha256(sys.version.encode())
    for file in files:
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def is_done(step: str, kind: Kind, inputs: str) -> bool:
    """Whether the step was done with these inputs; what was done for the tests serves a run too."""
    stamp = STAMPS / step
    if not stamp.is_file():
        return False
    return stamp.read_text() in {f"{kind} {inputs}", f"test {inputs}"}


def mark_done(step: str, kind: Kind, inputs: str) -> None:
    STAMPS.mkdir(exist_ok=True)
    (STAMPS / step).write_text(f"{kind} {inputs}")
