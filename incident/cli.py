"""The `tocsin` command, but for serving and for what drills add to it."""

import click

from incident.commands.late import LateGroup


@click.group(
    "tocsin",
    cls=LateGroup,
    places={
        "init": "incident.commands.init:init",
        "user": "incident.commands.people:user",
        "token": "incident.commands.people:token",
        "plans": "incident.commands.plans:plans",
        "audit": "incident.commands.audit:audit",
        "roster": "incident.commands.roster:roster",
        "backup": "incident.commands.keep:backup",
        "restore": "incident.commands.keep:restore",
        "spool": "incident.commands.spool:spool",
        "doctor": "incident.commands.doctor:doctor",
    },
    context_settings={"help_option_names": ["-h", "--help"]},
)
def tocsin() -> None:
    """Tocsin (警钟): the emergency incident desk of a food and drug regulator."""
