"""`python3 -m setup run` or `test`: install what is missing, and say so in plain words."""

import sys
import time
from typing import cast

from setup import browser, environment, system
from setup.step import ROOT, Kind, SetUpError, command, say


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in {"run", "test"}:
        say("Usage: python3 -m setup run|test")
        return 2
    kind = cast(Kind, arguments[0])
    began = time.monotonic()
    try:
        system.prepare(kind)
        environment.prepare(kind)
        browser.prepare(kind)
        _prepare_fonts()
    except SetUpError as error:
        say(f"\n{error}\n")
        return 1
    say(f"Everything to {kind} Tocsin is installed ({time.monotonic() - began:.0f} s).")
    return 0


def _prepare_fonts() -> None:
    """Fetch the documents' own fonts; without them the documents fall back to Noto."""
    if not (ROOT / "setup" / "fonts.py").exists():
        return
    try:
        command(environment.PYTHON, "-m", "setup.fonts")
    except SetUpError as error:
        say(f"\n{error}\n\nGoing on: documents use the Noto fonts instead.\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
