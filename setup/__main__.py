"""`python3 -m setup run` or `test`: install what is missing, and say so in plain words."""

import subprocess
import sys
import time
from typing import cast

from setup import browser, environment, system
from setup.step import ROOT, Kind, SetUpError, digest, is_done, mark_done, say


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
        _fetch_fonts(kind)
    except SetUpError as error:
        say(f"\n{error}\n")
        return 1
    say(f"Everything to {kind} Tocsin is installed ({time.monotonic() - began:.0f} s).")
    return 0


def _fetch_fonts(kind: Kind) -> None:
    """Fetch the faces of official documents once; the script tells what to do where it cannot."""
    script = ROOT / "setup" / "fonts.sh"
    inputs = digest(script)
    if is_done("faces", kind, inputs):
        return
    subprocess.run(["sh", script], check=True)  # noqa: S603, S607
    mark_done("faces", "test", inputs)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
