"""Accounts and tokens."""

import click

from incident.api.contract import Scope
from incident.commands.base import json_option, open_services, print_facts, told
from incident.inputs.base import parse
from incident.inputs.people import NewUser
from incident.operations import access, people
from incident.who import DESK
from workflows.lifecycle import Role


@click.group("user")
def user() -> None:
    """Accounts."""


@user.command("add")
@click.argument("name")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([role.value for role in Role]),
)
@click.option("--phone", help="A telephone, for alerts.")
@click.option("--display", help="The name that others see.")
@json_option
@told
def add(
    name: str, roles: tuple[str, ...], phone: str | None, display: str | None, *, as_json: bool
) -> None:
    """Add an account and print its one-time activation code."""
    services = open_services()
    new = parse(NewUser, {"name": name, "roles": roles, "phone": phone, "display": display})
    with services.transaction() as session:
        _, code = people.add(session, new, who=DESK, now=services.now())
    print_facts({"name": name, "activation_code": code}, as_json=as_json)


@click.group("token")
def token() -> None:
    """Tokens for the API."""


@token.command("issue")
@click.option("--user", "name", required=True, help="Whose token it is.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="Limits the token; all rights if absent.",
)
@click.option("--days", default=access.TOKEN_DAYS, show_default=True, help="How long it holds.")
@told
def issue(name: str, scopes: tuple[str, ...], days: int) -> None:
    """Print a new token, once, alone on standard output."""
    services = open_services()
    with services.transaction() as session:
        owner = people.find(session, name)
        made = access.issue_token(
            session, owner, scopes=scopes, days=days, who=DESK, now=services.now()
        )
    click.echo(made)
