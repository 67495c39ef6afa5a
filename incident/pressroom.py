"""The press's child process: documents come in on stdin, PDF goes out on stdout.

Started by incident.press alone, as `python -m incident.pressroom LIMITS FONTS`.
"""

import gc
import json
import logging
import math
import os
import resource
import shutil
import sys
from pathlib import Path
from typing import IO

from incident.documents import from_json
from incident.press import FAILED, PRINTED, READY, Limits, read_frame, write_frame
from incident.typesetting import Typesetter

# Audited events of a process that is being made to do something other than print.
_NEVER = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "ctypes.")


def main(limits_text: str, fonts: str) -> None:
    """Print until stdin ends."""
    limits = Limits(**json.loads(limits_text))
    answers = _take_stdout()
    logging.disable(logging.CRITICAL)  # WeasyPrint warns of what a hostile text asked for.
    try:
        typesetter = Typesetter(Path(fonts) if fonts else None)
    except (RuntimeError, OSError, ValueError) as error:
        write_frame(answers, FAILED, str(error).encode())
        return
    _limit_once(limits)
    sys.addaudithook(_refuse)
    gc.freeze()
    gc.disable()
    write_frame(answers, READY, b"")
    _print_all(typesetter, answers, limits)


def _take_stdout() -> IO[bytes]:
    """Keep the pipe for answers alone: what a library prints goes to stderr."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _limit_once(limits: Limits) -> None:
    """Close the doors once the fonts are known and before a document is.

    Not earlier: fontconfig that lacks memory while it looks for fonts finds none, and writes that
    into the cache of the whole machine when it may.
    """
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))


def _limit_processor(seconds: int) -> None:
    """Give the next document its own processor time; past it the kernel ends the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = math.ceil(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))


def _refuse(event: str, _arguments: object) -> None:
    if event.startswith(_NEVER):
        raise PermissionError(f"{event} is not for the press")


def _print_all(typesetter: Typesetter, answers: IO[bytes], limits: Limits) -> None:
    while True:
        try:
            _, text = read_frame(sys.stdin.buffer)
        except EOFError:
            return
        _limit_processor(limits.cpu_seconds)
        try:
            pdf = typesetter.render(from_json(text))
        except MemoryError:
            write_frame(answers, FAILED, b"the document needs more memory than the press has")
        except Exception as error:  # noqa: BLE001 - the parent is told, and replaces this process
            write_frame(answers, FAILED, f"{type(error).__name__}: {error}"[:500].encode())
        else:
            write_frame(answers, PRINTED, pdf)
        gc.collect()  # after the answer, and never while somebody waits for one


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    finally:
        shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)
