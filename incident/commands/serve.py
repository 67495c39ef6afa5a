"""Serve the desk, all in one process tree."""

from typing import NoReturn

import click

from incident import schema
from incident.commands.start import WITH_PARENT
from incident.db import make_engine
from incident.settings import Settings
from incident.supervising import become_supervisor, own_command
from incident.supervisor import Plan


def refuse_damaged(found: Settings) -> None:
    """End where the database file is damaged: to write on would make it worse."""
    engine = make_engine(found.database_url, pool_size=1)
    problem = schema.damage(engine)
    engine.dispose()
    if problem is not None:
        raise click.ClickException(
            f"the database file is damaged ({problem}). Keep it as it is, and bring the desk back "
            "from its last backup with `tocsin restore` into a new one"
        )


def serve_all(found: Settings, *, greeting: str, sorry: str) -> NoReturn:
    """Serve everything until told to stop; say the greeting once the desk answers."""
    become_supervisor(
        Plan(
            children={
                "the stand-in provider": own_command("drill", "gateway", WITH_PARENT),
                "the desk": own_command("desk", WITH_PARENT),
                "the engine": own_command("engine", WITH_PARENT),
            },
            host=found.host,
            port=found.port,
            greeting=greeting,
            sorry=sorry,
        )
    )
