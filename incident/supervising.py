"""Become the process that keeps the others running."""

import os
import sys
from typing import NoReturn

from incident import supervisor
from incident.supervisor import Plan

ENTRY = "wsgi"  # the module of the `tocsin` command; named, for nothing may import it


def become_supervisor(plan: Plan) -> NoReturn:
    """Turn this process into the small one that keeps the others running.

    It begins anew with the standard library alone: all that this program has imported would
    otherwise lie in memory for nothing as long as the desk runs.
    """
    read, write = os.pipe()
    os.set_inheritable(read, True)  # noqa: FBT003 - the new program reads the plan from it
    os.write(write, supervisor.packed(plan))
    os.close(write)
    sys.stdout.flush()
    words = [sys.executable, "-P", supervisor.__file__, str(read)]
    os.execv(sys.executable, words)  # noqa: S606 - our own module, no shell


def own_command(*words: str) -> list[str]:
    """Return the command line of a sub-command of this same program."""
    return [sys.executable, "-m", ENTRY, *words]
