"""Plans: list them, check files before they are released, grade facts by one."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import yaml

from incident.commands.base import json_option, print_facts, print_problems
from workflows.facts import BadFact, known
from workflows.grading import ExpertQuestion, Reason, Verdict, grade
from workflows.library import BadPlan, Library, check, load_file

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("plans")
def plans() -> None:
    """Plans: grading criteria, clocks, measures, in numbered editions."""


@plans.command("list")
@json_option
def list_plans(*, as_json: bool) -> None:
    """List the shipped plans, past editions too."""
    rows = [
        {
            "id": plan.id,
            "kinds": list(plan.kinds),
            "track": plan.track,
            "jurisdiction": plan.jurisdiction,
            "in_force_from": plan.in_force_from,
            "in_force_to": plan.in_force_to,
            "title": plan.title,
            "digest": plan.digest,
        }
        for plan in Library.load().plans
    ]
    if as_json:
        print_facts({"plans": rows}, as_json=True)
        return
    for row in rows:
        since, until = row["in_force_from"] or "-", row["in_force_to"] or ""
        click.echo(f"{row['id']:<24} {since!s:<10} .. {until!s:<10} {row['title']}")


@plans.command("check")
@click.argument("files", nargs=-1, required=True, type=FILE)
@json_option
@click.pass_context
def check_files(context: click.Context, files: tuple[Path, ...], *, as_json: bool) -> None:
    """Say what is wrong in plan files, with line and remedy; exit 1 if anything is."""
    problems = check(files)
    print_problems(problems, files=len(files), as_json=as_json)
    context.exit(1 if problems else 0)


@plans.command("grade")
@click.argument("file", type=FILE)
@click.argument("facts", type=FILE)
@json_option
@click.pass_context
def grade_facts(context: click.Context, file: Path, facts: Path, *, as_json: bool) -> None:
    """Grade the facts of a YAML file by a plan; a fact left out is unknown."""
    try:
        plan = load_file(file)
    except BadPlan as error:
        for problem in error.problems:
            click.echo(str(problem), err=True)
        context.exit(1)
    verdict = grade(plan, _facts(facts))
    if as_json:
        print_facts(verdict.as_dict(), as_json=True)
        return
    for line in _lines(verdict):
        click.echo(line)


def _facts(path: Path) -> dict[str, Any]:
    """Return the facts of a file; end with the line and what would be right."""
    text = path.read_text(encoding="utf-8")
    try:
        told = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise click.ClickException(f"{path}:{line}: {error.problem}") from error
    if not isinstance(told, dict):
        raise click.ClickException(f"{path}:1: no facts; write lines such as `ill: 40`")
    try:
        known(told)
    except BadFact as error:
        line = _line(text.splitlines(), error.name)
        raise click.ClickException(f"{path}:{line}: {error}") from error
    return told


def _line(lines: list[str], name: object) -> int:
    """Return the line on which a name stands, 1 if it is not found."""
    wanted = re.compile(rf"['\"\s]*{re.escape(str(name))}['\"]?\s*:")
    found = [n for n, line in enumerate(lines, 1) if wanted.match(line)]
    return found[0] if found else 1


def _lines(verdict: Verdict) -> Iterator[str]:
    yield f"plan     {verdict.plan}"
    yield f"grade    {verdict.grade or 'none'}"
    for reason in verdict.because:
        yield f"because  {_clause(reason)}"
    for question in verdict.needs_expert:
        yield f"expert   {_clause(question)}"
    for step in verdict.next:
        more = ", ".join(f"{name} +{number}" for name, number in step.missing.items())
        yield f"next     {step.grade}: {more} ({step.criterion})"
    if verdict.unknown:
        yield f"unknown  {', '.join(verdict.unknown)}"


def _clause(one: Reason | ExpertQuestion) -> str:
    return f"{one.criterion} [{one.confidence}] {one.basis}: {one.text}"
