"""The desk's list and one incident, by the API."""

from flask import Blueprint, Response

from incident.api import answering, finding, reading, showing
from incident.api.answers import IncidentAnswer, Incidents
from incident.api.asking import DeskListing
from incident.api.contract import PREFIX, operation
from incident.queries import incidents
from incident.web.access import Permission, requires, who
from incident.web.desk import services

blueprint = Blueprint("api_incidents", __name__, url_prefix=PREFIX)


@blueprint.get("/incidents")
@requires(Permission.INCIDENT)
@operation("List the incidents, next clock first.", query=DeskListing, answer=Incidents)
def index() -> Response:
    asked = reading.query(DeskListing)
    with services().reading() as session:
        page = incidents.desk_list(
            session,
            who(),
            states=asked.state,
            grade=asked.grade,
            kind=asked.kind,
            drill=asked.drill,
            q=asked.q,
            cursor=asked.cursor,
            limit=asked.limit,
        )
    lines = tuple(showing.line(row) for row in page.rows)
    return answering.respond(Incidents(items=lines, next=page.next))


@blueprint.get("/incidents/<number>")
@requires(Permission.INCIDENT)
@operation("Show one incident.", answer=IncidentAnswer)
def show(number: str) -> Response:
    desk = services()
    with desk.reading() as session:
        found = finding.incident(session, number)
        return answering.respond(showing.incident(session, found, who(), desk.now()))
