"""Say whether everything that the desk needs is well, and what to do where it is not."""

import click

from incident import words
from incident.clock import SystemClock
from incident.commands.base import json_option, print_facts
from incident.commands.start import read_settings
from incident.db import make_engine
from incident.findings import Finding
from incident.health import examine


@click.command("doctor")
@json_option
@click.pass_context
def doctor(context: click.Context, *, as_json: bool) -> None:
    """Check all that the desk needs; exit 1 if anything is not well."""
    found = read_settings()
    engine = make_engine(found.database_url, pool_size=1)
    findings = examine(found, engine, SystemClock())
    engine.dispose()
    if as_json:
        told = {one.check: {"ok": one.ok, "state": one.state, **one.values} for one in findings}
        print_facts(told, as_json=True)
    else:
        for one in findings:
            click.echo(_line(one))
    context.exit(0 if all(one.ok for one in findings) else 1)


def _line(one: Finding) -> str:
    name = words.label("check_names", one.check, "en")
    said = words.phrase("checks", one.state, one.values, "en")
    return f"{'ok ' if one.ok else 'NOT'}  {name:<11} {said}"
