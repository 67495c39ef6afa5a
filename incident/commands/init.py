"""Prepare the database and the first administrator."""

import click
from sqlalchemy import select

from incident import schema
from incident.commands.base import json_option, open_services, print_facts, told
from incident.commands.start import read_settings
from incident.db import make_engine
from incident.inputs.people import NewUser
from incident.models import User
from incident.operations import calendar, people
from incident.services import Services
from incident.who import DESK
from workflows.calendar import Calendar
from workflows.lifecycle import Role

FIRST = (("admin", Role.SYSTEM_ADMIN), ("security", Role.SECURITY_ADMIN))


@click.command("init")
@json_option
@told
def init(*, as_json: bool) -> None:
    """Bring the database to the newest schema; make the first administrators by one-time codes."""
    found = read_settings()
    found.data_dir.mkdir(parents=True, exist_ok=True)
    engine = make_engine(found.database_url)
    schema.upgrade(engine)
    engine.dispose()
    services = open_services()
    codes = first_administrators(services)
    print_facts({"schema": schema.newest(), **codes}, as_json=as_json)


def first_administrators(services: Services) -> dict[str, str]:
    """Make the two who add people and give roles, unless there is anybody; return their codes."""
    with services.transaction() as session:
        calendar.seed(session, Calendar.load(services.settings.time_zone))
        if session.scalar(select(User.id).limit(1)) is not None:
            return {}
        codes = {}
        for name, role in FIRST:
            new = NewUser(name=name, roles=(role,))
            _, codes[f"activation_code_{name}"] = people.add(
                session, new, who=DESK, now=services.now()
            )
        return codes
