"""What commands on a desk need: its services, and one way to print facts."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import click
from sqlalchemy.exc import SQLAlchemyError

from incident import schema, words
from incident.channels import build_channels
from incident.commands.start import read_settings
from incident.db import make_engine
from incident.errors import InvalidInput, TocsinError
from incident.services import Services, build
from workflows.problems import Problem

P = ParamSpec("P")
T = TypeVar("T")

json_option = click.option("--json", "as_json", is_flag=True, help="Print facts as JSON.")


def open_services(*, pool_size: int = 10) -> Services:
    """Return the services of a desk whose database is ready; end with what to do if not."""
    found = read_settings()
    engine = make_engine(found.database_url, pool_size=1)
    try:
        revision = schema.current(engine)
    except SQLAlchemyError as error:
        raise click.ClickException(
            f"the database does not answer: {type(error).__name__}"
        ) from error
    finally:
        engine.dispose()
    if revision != schema.newest():
        raise click.ClickException("the database is not at the newest schema: run `tocsin init`")
    return build(found, build_channels(found), pool_size=pool_size)


@contextmanager
def opened() -> Iterator[Services]:
    """Open the services for a command, and close their connections after it."""
    services = open_services()
    try:
        yield services
    finally:
        services.engine.dispose()


def told(command: Callable[P, T]) -> Callable[P, T]:
    """Turn what cannot be done into a line and exit code 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except InvalidInput as error:
            lines = [
                f"{item.field}: {words.phrase('fields', item.code, item.values, 'en')}"
                for item in error.errors
            ]
            raise click.ClickException("; ".join(lines)) from error
        except TocsinError as error:
            text = words.phrase("errors", error.code, error.values, "en")
            raise click.ClickException(text) from error

    return run


def print_facts(facts: Mapping[str, Any], *, as_json: bool) -> None:
    """Print facts, a line each, or as JSON."""
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, default=str))
        return
    for name, value in facts.items():
        click.echo(f"{name}: {value}")


def print_problems(problems: Sequence[Problem], *, files: int, as_json: bool) -> None:
    """Print what was found wrong in so many files, a line each, or as JSON."""
    if as_json:
        rows = [
            {"file": one.file, "line": one.line, "what": one.what, "right": one.right}
            for one in problems
        ]
        print_facts({"files": files, "problems": rows}, as_json=True)
        return
    for problem in problems:
        click.echo(str(problem))
    click.echo(f"{files} files, {len(problems)} problems", err=True)
