"""Take a step of the life, or change facts, by the API."""

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from incident.api import reading, showing, writing
from incident.api.answers import IncidentAnswer
from incident.api.contract import PREFIX, Match, Scope, operation
from incident.operations import actions
from incident.operations.actions import DOORS
from incident.web.access import Permission, requires, who
from incident.web.desk import services

blueprint = Blueprint("api_actions", __name__, url_prefix=PREFIX)
WITHOUT_VERSION = frozenset({"note", "instruct", "acknowledge"})


@blueprint.post("/incidents/<number>/actions/<name>")
@requires(Permission.ACT)
@operation(
    "Take an action: a step of the life, or update_facts, note, instruct, acknowledge. "
    "If-Match may be left out for the last three only.",
    scope=Scope.ACT,
    body=tuple(door.brings for door in DOORS.values()),
    answer=IncidentAnswer,
    match=Match.REQUIRED,
    changes=True,
    problems=(409,),
)
def take(number: str, name: str) -> Response:
    raw = reading.body()
    version = reading.seen_version(required=name in DOORS and name not in WITHOUT_VERSION)
    context = services().context(who())

    def work(session: Session) -> IncidentAnswer:
        beside = actions.also_held(name, raw)
        incident = writing.held(session, number, context.who, version, beside=beside)
        actions.perform(session, incident, name, raw, context)
        session.flush()
        return showing.incident(session, incident, context.who, context.now)

    return writing.change(raw, work)
