"""Before any page of drills: who plays in a run reads nothing of its controllers, by no address."""

from flask import g, request

from drills import participants, runs
from drills.participants import PLAYER
from drills.web.blueprint import blueprint
from incident.errors import Forbidden, NotFound
from incident.web.desk import services
from incident.who import Who

FOR_PLAYERS = frozenset(
    {
        "drills.show",
        "drills.inbox",
        "drills.answer_inject",
        "drills.join",
        "drills.briefing",
        "drills.survey",
        "drills.answer",
        "drills.wash",
        "drills.say",
        "drills.result",
        "drills.report",
        "drills.report_pdf",
    }
)
"""What a player may ask for in his run; each of these says by itself what it shows him."""


@blueprint.before_request
def keep_secret() -> None:
    """Raise Forbidden where a player asks for his run, or its scenario, by another's page."""
    values, who = request.view_args or {}, g.get("who")
    if who is None or request.endpoint in FOR_PLAYERS:
        return
    if _is_player(who, values.get("key"), values.get("name")):
        raise Forbidden("drill-player")


def _is_player(who: Who, key: str | None, scenario: str | None) -> bool:
    if key is None and scenario is None:
        return False
    with services().reading() as session:
        if scenario is not None and participants.plays_scenario(session, scenario, who):
            return True
        try:
            run = runs.find(session, key or "")
        except NotFound:
            return False
        return PLAYER in participants.plays(session, run, who)
