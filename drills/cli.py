"""`tocsin drill`: the stand-in provider alone, and scenarios on the desk."""

import click

from incident.commands.late import LateGroup


@click.group(
    "drill",
    cls=LateGroup,
    places={
        "list": "drills.commands.playing:list_scenarios",
        "run": "drills.commands.playing:run",
        "gateway": "drills.commands.gateway:gateway",
        "check": "drills.commands.scenarios:check",
        "generate": "drills.commands.generating:generate",
        "export": "drills.commands.scenarios:export",
        "import": "drills.commands.scenarios:import_sheet",
        "from-incident": "drills.commands.from_incident:command",
    },
)
def drill() -> None:
    """Drills: scenarios on the desk, and the stand-in SMS provider."""
