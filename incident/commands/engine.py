"""Run the engine by itself."""

import threading
from collections.abc import Sequence

import click

from incident.commands.base import open_services
from incident.commands.start import begin, with_parent_option
from incident.jobs.scheduler import Job, run_engine
from incident.supervisor import set_on_signals


def engine_command(turns: Sequence[Job] = ()) -> click.Command:
    """Return the command that runs the engine; `turns` are further jobs of it."""

    @click.command("engine")
    @with_parent_option
    def engine(*, with_parent: bool) -> None:
        """Run the engine: alerts, clocks, receipts, documents."""
        begin(with_parent=with_parent)
        stop = threading.Event()
        set_on_signals(stop)
        run_engine(open_services(pool_size=12), stop, turns=turns)

    return engine
