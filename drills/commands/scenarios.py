"""`tocsin drill check`, `generate`, `export` and `import`: scenarios as files."""

from collections.abc import Mapping
from pathlib import Path

import click

from drills.scenario import msel, msel_import
from drills.scenario.files import BadScenario, load, shipped
from drills.scenario.files import check as problems_of
from drills.scenario.schema import Scenario
from drills.scenario.text import to_yaml
from incident import spreadsheets
from incident.clock import SystemClock
from incident.commands.base import json_option, print_problems, told
from workflows.library import Library

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW = click.Path(dir_okay=False, path_type=Path)


@click.command("check")
@click.argument("files", nargs=-1, required=True, type=FILE)
@json_option
@click.pass_context
def check(context: click.Context, files: tuple[Path, ...], *, as_json: bool) -> None:
    """Say what is wrong in scenario files, with line and remedy; exit 1 if anything is."""
    problems = problems_of(files, Library.load())
    print_problems(problems, files=len(files), as_json=as_json)
    context.exit(1 if problems else 0)


@click.command("export")
@click.argument("scenario")
@click.argument("sheet", type=NEW)
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def export(scenario: str, sheet: Path, *, language: str) -> None:
    """Write the injects and expectations of SCENARIO, an id or a file, to SHEET (.xlsx)."""
    found = find_scenario(scenario)
    pages = msel.sheets(found, language)
    content = spreadsheets.write(pages, author=found.id, now=SystemClock().now())
    sheet.write_bytes(content)
    click.echo(f"{sheet}  {len(found.injects)} injects, {len(found.expectations)} expectations")


@click.command("import")
@click.argument("sheet", type=FILE)
@click.argument("scenario")
@click.option("--to", "target", type=NEW, help="Where the new scenario is written.")
@click.option("--dry-run", is_flag=True, help="Only say what is wrong.")
@click.pass_context
@told
def import_sheet(
    context: click.Context, sheet: Path, scenario: str, *, target: Path | None, dry_run: bool
) -> None:
    """Put the injects and expectations of SHEET into SCENARIO; exit 1 with rows that are wrong."""
    if target is None and not dry_run:
        raise click.UsageError("say where the new scenario goes, by --to, or ask for a --dry-run")
    rows = spreadsheets.read(sheet.name, sheet.read_bytes())
    try:
        made = msel_import.merge(find_scenario(scenario), rows, Library.load())
    except msel_import.BadSheet as error:
        for problem in error.problems:
            click.echo(str(problem))
        context.exit(1)
    if target is not None and not dry_run:
        named = made.model_copy(update={"id": target.stem})
        target.write_text(to_yaml(named), encoding="utf-8")
    click.echo(f"{len(made.injects)} injects, {len(made.expectations)} expectations")


def find_scenario(name: str, known: Mapping[str, Scenario] | None = None) -> Scenario:
    """Return a known scenario by its id, or one from a file; end with what is wrong.

    Those that are shipped are known, where no others are given.
    """
    known = shipped() if known is None else known
    if name in known:
        return known[name]
    path = Path(name)
    if not path.is_file():
        raise click.BadParameter(f"a file, or one of: {', '.join(known)}", param_hint="SCENARIO")
    try:
        return load(path)
    except BadScenario as error:
        raise click.ClickException(str(error)) from error
