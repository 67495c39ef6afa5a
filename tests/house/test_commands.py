"""The command `tocsin`: every name leads to its command, and none brings what it does not need."""

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from incident.commands.late import LateGroup
from tests.support.tree import ROOT

FOR_PROGRAMS = (
    "plans list",
    "plans check",
    "plans grade",
    "doctor",
    "backup",
    "restore",
    "drill run",
    "drill list",
    "audit verify",
)
"""Commands that print facts as JSON too."""


def commands(group: click.Group, *above: str) -> Iterator[tuple[str, click.Command]]:
    """Return every command below a group, groups too, by its words."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield " ".join((*above, name)), command
        if isinstance(command, click.Group):
            yield from commands(command, *above, name)


def test_every_name_leads_to_its_command() -> None:
    import wsgi  # noqa: PLC0415, TID251  (the command is put together there)

    found = dict(commands(wsgi.tocsin))
    assert {"init", "serve", "engine", "drill gateway", "drill from-incident"} <= set(found)
    for words, command in found.items():
        assert command.name == words.rpartition(" ")[2]
        assert command.help
    for words in FOR_PROGRAMS:
        assert "as_json" in {option.name for option in found[words].params}, words


def test_an_unknown_name_is_refused() -> None:
    group = LateGroup("group", places={"audit": "incident.commands.audit:audit"})
    assert group.get_command(click.Context(group), "nothing") is None


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("drills.commands.gateway", "sqlalchemy"),
        ("drills.commands.gateway", "aiohttp"),
        ("drills.commands.engine", "incident.app"),
        ("drills.commands.engine", "socketio"),
        ("drills.commands.web", "weasyprint"),
        ("drills.commands.serve", "gunicorn"),
    ],
)
def test_a_process_does_not_hold_what_it_never_uses(module: str, unwanted: str) -> None:
    asked = f"import sys, {module}; sys.exit({unwanted!r} in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, check=False)
    assert done.returncode == 0, f"{module} brings {unwanted}"
