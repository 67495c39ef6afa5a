"""A child of the supervisor: it ends with its parent, and cleanly when it ends by itself."""

import subprocess
import sys

from tests.support.tree import ROOT

WAITS = "import signal; from incident.supervisor import end_with_parent; end_with_parent(); "


def child(then: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", WAITS + then],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_it_ends_when_its_parent_is_gone() -> None:
    with child("signal.pause()") as process:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(20) == -15


def test_it_ends_cleanly_while_its_parent_is_there() -> None:
    with child("import time; time.sleep(0.5)") as process:
        assert process.wait(20) == 0
        assert process.stderr is not None
        assert process.stderr.read() == b""
