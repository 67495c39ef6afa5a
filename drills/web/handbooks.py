"""The handbooks of a drill as PDF: the players' briefing and the controllers' handbook."""

from flask import Response
from flask.typing import ResponseReturnValue

from drills import handbook, participants, runs
from drills.models import DrillRun
from drills.participants import CONTROLLER, EVALUATOR, PLAYS
from drills.web import printing
from drills.web.blueprint import blueprint
from incident.documents import OfficialDocument
from incident.web.access import Permission, requires, who
from incident.web.desk import services


@blueprint.get("/drills/<key>/briefing.pdf", endpoint="briefing")
@requires(Permission.SIGNED_IN)
def briefing_of(key: str) -> ResponseReturnValue:
    """Print what everybody who takes part may know beforehand."""
    desk = services()
    with desk.reading() as session:
        run = runs.find(session, key)
        participants.require(session, run, who(), *PLAYS)
        document = handbook.briefing(session, run, desk.rules)
    return _answer(run, document)


@blueprint.get("/drills/<key>/handbook.pdf", endpoint="handbook")
@requires(Permission.DRILL)
def handbook_of(key: str) -> ResponseReturnValue:
    """Print the script with all that stands behind it, for controllers and evaluators."""
    desk = services()
    with desk.reading() as session:
        run = runs.find(session, key)
        participants.require(session, run, who(), CONTROLLER, EVALUATOR)
        document = handbook.handbook(session, run, desk.rules)
    return _answer(run, document)


def _answer(run: DrillRun, document: OfficialDocument) -> Response:
    return printing.answer(document, handbook.file_name(run, document))
