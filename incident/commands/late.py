"""A group of commands that imports one only when it is asked for.

A process of the desk then holds what it uses: the stand-in provider no database, the engine no
pages.
"""

from collections.abc import Mapping
from pkgutil import resolve_name
from typing import Any

import click


class LateGroup(click.Group):
    """A group whose commands are named by place: {"init": "incident.commands.init:init"}."""

    def __init__(self, *given: Any, places: Mapping[str, str], **rest: Any) -> None:
        super().__init__(*given, **rest)
        self.places = dict(places)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in alphabetical order."""
        return sorted(self.places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, imported now; None where there is none of the name."""
        place = self.places.get(cmd_name)
        return None if place is None else resolve_name(place)
