"""The `tocsin` command, but for what drills add to it."""

from collections.abc import Sequence

import click

from incident.commands import audit, doctor, init, keep, people, plans, serve
from incident.commands.serve import MakeApp
from incident.jobs.scheduler import Job

COMMANDS: tuple[click.Command, ...] = (
    init.init,
    people.user,
    people.token,
    plans.plans,
    audit.audit,
    keep.backup,
    keep.restore,
    doctor.doctor,
)


def make_group(make_app: MakeApp, turns: Sequence[Job] = ()) -> click.Group:
    """Return the command with all its sub-commands; `make_app` builds the application.

    `turns` are further jobs for each turn of the engine.
    """

    @click.group("tocsin", context_settings={"help_option_names": ["-h", "--help"]})
    def tocsin() -> None:
        """Tocsin (警钟): the emergency incident desk of a food and drug regulator."""

    for command in COMMANDS:
        tocsin.add_command(command)
    serve.add_commands(tocsin, make_app, turns)
    return tocsin
