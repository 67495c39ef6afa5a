"""The list of drills: which go on, which are prepared, which are over, and what can be played."""

from flask import render_template
from flask.typing import ResponseReturnValue

from drills import library, participants, runs
from drills.course import course
from drills.web import showing
from drills.web.blueprint import blueprint
from incident.web.access import Permission, requires, who
from incident.web.desk import services

OVER = 20  # drills that are over, on the page


@blueprint.get("/drills")
@requires(Permission.DRILL)
def index() -> ResponseReturnValue:
    """Show the drills and the scenarios."""
    desk = services()
    with desk.reading() as session:
        scenarios = library.everything(session)
        every = runs.everything(session)
        shown = [
            *(run for run in every if run.ended_at is None),
            *[run for run in every if run.ended_at is not None][:OVER],
        ]
        found = [course(session, run, desk.now()) for run in shown]
        secret = {
            run.id
            for run in shown
            if participants.PLAYER in participants.plays(session, run, who())
        }
    groups = {
        "going": [one for one in found if one.state in ("running", "paused", "frozen")],
        "prepared": [one for one in found if one.state == "prepared"],
        "ended": [one for one in found if one.state == "ended"],
    }
    return render_template(
        "drills/index.html",
        scenarios=list(scenarios.values()),
        groups=groups,
        secret=secret,
        may_direct=showing.may_direct(),
        minutes=showing.minutes,
        reading=showing.reading,
        states=showing.STATES,
        places=[(name, url) for name, url in _places() if url is not None],
    )


def _places() -> list[tuple[str, str | None]]:
    """Return the pages about all drills that are there, by the name of their words."""
    names = ("scenarios", "programme", "improvements", "comparison")
    return [(name, showing.address(f"drills.{name}")) for name in names]
