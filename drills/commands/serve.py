"""`tocsin serve`: the whole desk on one port, with the example desk if asked for."""

from collections.abc import Iterator

import click

from drills.example import load_example
from drills.example_people import accounts
from incident import words
from incident.commands.base import open_services
from incident.commands.serve import refuse_damaged, serve_all
from incident.commands.start import log_to_stderr, read_settings
from incident.settings import Settings


@click.command("serve")
def serve() -> None:
    """Serve web, live events and engine in one process tree."""
    log_to_stderr()
    found = read_settings()
    refuse_damaged(found)
    services = open_services()
    password = load_example(services) if found.example else None
    services.engine.dispose()
    serve_all(
        found,
        greeting="\n".join(_greeting(found, password)),
        sorry="The desk does not answer yet; see the log above.",
    )


def _greeting(found: Settings, password: str | None) -> Iterator[str]:
    """Say where the desk is."""
    yield f"\nTocsin is at {found.public_url}"
    if not found.has_live_sms:
        yield f"Messages go to the stand-in provider: http://127.0.0.1:{found.gateway_port}"
    if password is not None:
        yield from _introduction(password)


def _introduction(password: str) -> Iterator[str]:
    yield f"\nExample accounts (password of them all: {password})"
    for account in (one for one in accounts() if not one.colleague):
        gap = words.label("common", "gap")
        roles = gap.join(words.label("roles", role) for role in account.roles)
        yield f"  {account.name:<10} {roles}"
    yield (
        "\nTry first: sign in as zhiban, open the newest report, verify it and propose a grade;\n"
        "then as zhihui in another browser: approve the grade and activate the response.\n"
        "The alerts arrive in the stand-in provider's inbox. Stop with Ctrl-C."
    )
