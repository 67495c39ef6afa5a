"""Keep the desk: back it up whole, and restore it."""

from pathlib import Path

import click

from incident.backup import Manifest, back_up
from incident.clock import SystemClock
from incident.commands.base import json_option, opened, print_facts, told
from incident.commands.start import read_settings
from incident.db import make_engine
from incident.operations import timeline
from incident.restoring import BadBackup, NotEmpty
from incident.restoring import restore as restore_from
from incident.services import Services
from incident.store import Store
from incident.who import DESK

NO_SECRETS = (
    "Not in it: secret-key, gateway-token and the provider's account. Keep those apart, and keep "
    "this file as carefully as the database: it holds personal data."
)
OVER = "The database holds a desk. --force deletes it whole and puts the backup in its place."


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@json_option
@told
def backup(file: Path, *, as_json: bool) -> None:
    """Write the whole desk to FILE: tables, attachments and documents, with their digests."""
    target = file.resolve()
    if not target.parent.is_dir():
        raise click.BadParameter("its folder is not there", param_hint="FILE")
    with opened() as services:
        manifest = _back_up(services, target)
    facts = {
        "file": str(target),
        "schema": manifest.schema,
        "rows": sum(kept.rows for kept in manifest.tables.values()),
        "files": len(manifest.files),
        "entries": manifest.entries,
        "head": manifest.head,
    }
    print_facts(facts, as_json=as_json)
    click.echo(NO_SECRETS, err=True)


def _back_up(services: Services, target: Path) -> Manifest:
    """Write the backup, then that it was made."""
    manifest = back_up(
        services.engine,
        services.store,
        target,
        organisation=services.settings.organisation,
        now=services.now(),
    )
    with services.transaction() as session:
        entries = {"entries": manifest.entries}
        timeline.write(
            session,
            None,
            "backup_made",
            who=DESK,
            now=services.now(),
            words_for=entries,
            data={**entries, "head": manifest.head},
        )
    return manifest


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Delete the desk that is there. It cannot be undone.")
@json_option
def restore(file: Path, *, force: bool, as_json: bool) -> None:
    """Restore the desk from FILE into an empty database; all digests and the chain are checked.

    The database may be SQLite or PostgreSQL, whichever the backup came from.
    """
    found = read_settings()
    found.data_dir.mkdir(parents=True, exist_ok=True)
    engine = make_engine(found.database_url)
    try:
        done = restore_from(
            engine,
            Store(found.data_dir / "files"),
            file,
            now=SystemClock().now(),
            over=force,
        )
    except NotEmpty as error:
        raise click.ClickException(OVER) from error
    except BadBackup as error:
        raise click.ClickException(f"{file}: {error}; nothing was changed") from error
    finally:
        engine.dispose()
    facts = {
        "made_at": done.manifest.made_at,
        "organisation": done.manifest.organisation,
        "rows": done.rows,
        "files": done.files,
        "entries": done.manifest.entries,
        "head": done.manifest.head,
        "chain": "whole",
    }
    print_facts(facts, as_json=as_json)
