"""The `tocsin` command, but for serving and for what drills add to it."""

import click

from incident.commands import audit, doctor, init, keep, people, plans, roster, spool

COMMANDS: tuple[click.Command, ...] = (
    init.init,
    people.user,
    people.token,
    plans.plans,
    audit.audit,
    roster.roster,
    keep.backup,
    keep.restore,
    spool.spool,
    doctor.doctor,
)


@click.group("tocsin", context_settings={"help_option_names": ["-h", "--help"]})
def tocsin() -> None:
    """Tocsin (警钟): the emergency incident desk of a food and drug regulator."""


for _command in COMMANDS:
    tocsin.add_command(_command)
