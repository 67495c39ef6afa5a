"""Check the chain of entries."""

import click
from sqlalchemy.exc import SQLAlchemyError

from incident import words
from incident.commands.base import json_option, opened, print_facts
from incident.operations.audit import Verified, verify


class NotChecked(click.ClickException):
    """The chain could not be walked; that says nothing of its entries."""

    exit_code = 2


@click.group("audit")
def audit() -> None:
    """The chain of entries."""


@audit.command("verify")
@json_option
@click.pass_context
def verify_chain(context: click.Context, *, as_json: bool) -> None:
    """Walk the chain; exit 1 with the first entry that does not hold, 2 if it cannot be walked."""
    found = _walk()
    facts: dict[str, object] = {
        "whole": found.is_whole,
        "entries": found.entries,
        "head": found.head,
    }
    if not found.is_whole:
        words_for = words.label("chain_problems", found.problem, "en")
        facts |= {"first_bad": found.bad_seq, "problem": found.problem, "words": words_for}
    print_facts(facts, as_json=as_json)
    context.exit(0 if found.is_whole else 1)


def _walk() -> Verified:
    try:
        with opened() as services, services.reading() as session:
            return verify(session)
    except click.ClickException as error:
        raise NotChecked(error.message) from error
    except SQLAlchemyError as error:
        raise NotChecked(f"the database does not answer: {type(error).__name__}") from error
