"""A running engine, in a thread of this process or in a process that can be killed."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

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
def engine_process(url: str, folder: Path, provider: Provider) -> Iterator[subprocess.Popen[bytes]]:
    words = [sys.executable, "-m", "tests.support.engine_child"]
    process = subprocess.Popen([*words, url, str(folder), provider.base_url], cwd=ROOT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
