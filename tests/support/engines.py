"""A running engine, in a thread of this process or in a process that can be killed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from incident import crashpoints
from incident.jobs.scheduler import run_engine
from incident.services import Services
from tests.support.provider import Provider
from tests.support.tree import ROOT


@contextmanager
def running_engine(services: Services) -> Iterator[None]:
    stop = Event()
    thread = Thread(target=run_engine, args=(services, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=30)
    assert not thread.is_alive()


@contextmanager
def engine_process(
    url: str, folder: Path, provider: Provider, *, crash: str = ""
) -> Iterator[subprocess.Popen[bytes]]:
    """Run the engine as a process; `crash` is where and when it kills itself."""
    words = [sys.executable, "-m", "tests.support.engine_child", url, str(folder)]
    environment = {**os.environ, crashpoints.VARIABLE: crash}
    process = subprocess.Popen([*words, provider.base_url], cwd=ROOT, env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
