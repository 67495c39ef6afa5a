"""The pulse of the desk: whether engine and database answer, in words, for every open page."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from incident import words
from incident.queries import shell
from incident.queries.shell import EnginePulse, State
from incident.services import Services
from incident.web.access import public
from incident.web.desk import services
from incident.web.language import language

blueprint = Blueprint("pulse", __name__)


@blueprint.get("/pulse")
@public
def show() -> ResponseReturnValue:
    """Answer a page that asks; it needs no database for that, nor to know who asks."""
    answer = jsonify(as_told(take(services())))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def take(desk: Services) -> EnginePulse:
    """Return the pulse; a database that does not answer is one, too."""
    try:
        with desk.reading() as session:
            return shell.engine(session, desk.now())
    except SQLAlchemyError:
        return shell.AWAY


def as_told(pulse: EnginePulse) -> dict[str, object]:
    """Return the pulse with the words that the page shows."""
    told = {"seconds": pulse.age_seconds}
    never = pulse.state == State.SILENT and pulse.age_seconds is None
    pill = "never-pill" if never else f"{pulse.state}-pill"
    is_good = pulse.state == State.GOOD
    return {
        "state": pulse.state,
        "pill": words.phrase("pulse", pill, told, language()),
        "text": "" if is_good else words.phrase("pulse", pulse.state, told, language()),
    }
