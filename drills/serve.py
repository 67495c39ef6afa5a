"""`tocsin serve`: the whole desk on one port, with the example desk if asked for."""

import sys
import time

import click
import requests

from drills.example import load_example
from drills.example_people import accounts
from incident import words
from incident.commands.base import log_to_stderr, open_services, read_settings
from incident.commands.serve import serve_all
from incident.settings import Settings

READY_SECONDS = 60


@click.command("serve")
def serve() -> None:
    """Serve web, live events and engine in one process tree."""
    log_to_stderr()
    found = read_settings()
    services = open_services()
    password = load_example(services) if found.example else None
    services.engine.dispose()
    sys.exit(serve_all(found, lambda: _greet(found, password)))


def _greet(found: Settings, password: str | None) -> None:
    """Say where the desk is, once it answers."""
    if not _answers(f"http://{found.host}:{found.port}/healthz"):
        click.echo("The desk does not answer yet; see the log above.", err=True)
        return
    click.echo(f"\nTocsin is at {found.public_url}")
    if not found.has_live_sms:
        click.echo(f"Messages go to the stand-in provider: http://127.0.0.1:{found.gateway_port}")
    if password is not None:
        _introduce(password)


def _introduce(password: str) -> None:
    click.echo(f"\nExample accounts (password of them all: {password})")
    for account in accounts():
        gap = words.label("common", "gap")
        roles = gap.join(words.label("roles", role) for role in account.roles)
        click.echo(f"  {account.name:<10} {roles}")
    click.echo(
        "\nTry first: sign in as zhiban, open the newest report, verify it and propose a grade;\n"
        "then as zhihui in another browser: approve the grade and activate the response.\n"
        "The alerts arrive in the stand-in provider's inbox. Stop with Ctrl-C."
    )


def _answers(address: str) -> bool:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            if requests.get(address, timeout=1).ok:
                return True
        except requests.RequestException:
            time.sleep(0.2)
    return False
