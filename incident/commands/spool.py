"""Look at the reports that were taken without the database, and enter them."""

import click
from sqlalchemy.exc import SQLAlchemyError

from incident import spool as box
from incident.commands.base import json_option, opened, print_facts
from incident.commands.start import log_to_stderr, read_settings
from incident.jobs.replay import replay as enter


@click.group("spool")
def spool() -> None:
    """Reports that were taken while the database was away."""


@spool.command("ls")
@json_option
@click.pass_context
def list_spool(context: click.Context, *, as_json: bool) -> None:
    """List what waits; needs no database. Exit 1 if the disk has spoilt anything."""
    folder = read_settings().spool_dir
    waiting, spoilt = box.waiting(folder), box.spoilt(folder)
    if as_json:
        rows = [{"number": one.number, "at": one.spooled_at.isoformat()} for one in waiting]
        print_facts({"waiting": rows, "spoilt": spoilt}, as_json=True)
    else:
        for one in waiting:
            click.echo(f"{one.number}  {one.spooled_at.isoformat(timespec='seconds')}")
        click.echo(f"{len(waiting)} waiting, {spoilt} spoilt, in {folder}")
    context.exit(1 if spoilt else 0)


@spool.command("replay")
@click.pass_context
def replay_spool(context: click.Context) -> None:
    """Enter what waits, as the engine does; exit 1 if anything is left."""
    log_to_stderr()
    try:
        with opened() as services:
            taken = enter(services)
            left = len(box.waiting(services.settings.spool_dir))
    except SQLAlchemyError as error:
        raise click.ClickException(f"the database fails: {type(error).__name__}") from error
    click.echo(f"{taken} entered or put aside, {left} left")
    context.exit(1 if left else 0)
