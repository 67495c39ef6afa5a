"""Where tests keep what ends with them: in memory where there is room, else on the disk.

No test cuts the power of the machine, and a process that is killed loses nothing of either.
"""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - each folder in it is made for its owner alone
ROOM = 4 * 1024**3


def root() -> Path:
    """Return the folder in which to make folders."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        return MEMORY
    return Path(tempfile.gettempdir())
