"""Serve the desk, all in one process tree."""

from typing import NoReturn

from incident.commands.start import WITH_PARENT
from incident.settings import Settings
from incident.supervising import become_supervisor, own_command
from incident.supervisor import Plan


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
