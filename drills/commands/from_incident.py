"""`tocsin drill from-incident`: a closed incident as the draft of a scenario."""

import click
from sqlalchemy import select

from drills.from_incident import making
from drills.from_incident.material import gather
from incident.commands.base import open_services, told
from incident.errors import NotFound
from incident.models import Incident


@click.command("from-incident")
@click.argument("number")
@click.option("--name", default="from-incident", show_default=True, help="The scenario's id.")
@told
def command(number: str, *, name: str) -> None:
    """Write the draft of a scenario made of the closed incident NUMBER; nothing in it is real.

    Redirect it to a file named after its id, and check it with `tocsin drill check`.
    """
    services = open_services()
    with services.reading() as session:
        incident = session.scalar(select(Incident).where(Incident.number == number))
        if incident is None:
            raise NotFound
        material = gather(session, incident, services.rules.divisions)
    click.echo(making.text(material, name, services.rules.library), nl=False)
