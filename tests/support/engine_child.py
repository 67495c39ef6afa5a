"""A process that runs the engine: python -m tests.support.engine_child DATABASE FOLDER PROVIDER."""

import sys
from pathlib import Path
from threading import Event

from incident.clock import SystemClock
from incident.jobs.scheduler import run_engine
from incident.supervisor import set_on_signals
from tests.support.desk import make_services
from tests.support.outbox import channels_to
from tests.support.provider import Provider


def main(database_url: str, folder: str, base_url: str) -> None:
    """Run until SIGTERM."""
    provider = Provider(base_url=base_url, journal=Path(folder) / "none")
    services = make_services(
        database_url,
        Path(folder),
        clock=SystemClock(),
        channels=channels_to(provider),
        TOCSIN_ENGINE_TICK="0.2",
    )
    stop = Event()
    set_on_signals(stop)
    run_engine(services, stop)
    services.engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
