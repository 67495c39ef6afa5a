"""Check the chain of entries."""

import click

from incident import words
from incident.commands.base import json_option, opened, print_facts
from incident.operations.audit import verify


@click.group("audit")
def audit() -> None:
    """The chain of entries."""


@audit.command("verify")
@json_option
@click.pass_context
def verify_chain(context: click.Context, *, as_json: bool) -> None:
    """Walk the chain; exit 1 with the first entry that does not hold."""
    with opened() as services, services.reading() as session:
        found = verify(session)
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
