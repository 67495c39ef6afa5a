"""What has come in a drill: for players their inbox, for simulators the cards that they act."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from drills import participants, runs, schedule
from drills.course import Brought, Course, course
from drills.models import DrillRun
from drills.participants import CONTROLLER, PLAYER, SIMULATOR
from drills.scenario.schema import SIMULATORS
from drills.web import showing
from drills.web.blueprint import blueprint
from incident.errors import Conflict, NotFound
from incident.inputs.base import Input, Paragraph, parse
from incident.models import User
from incident.web.access import Permission, requires, who
from incident.web.desk import services
from incident.web.looks import phrase

PLAYERS = "players"
READERS = {PLAYERS: (PLAYER,), SIMULATORS: (SIMULATOR, CONTROLLER)}
SHOWN = 60


class Answered(Input):
    """What somebody did about an inject."""

    text: Paragraph


@blueprint.get("/drills/<key>/inbox")
@requires(Permission.SIGNED_IN)
def inbox(key: str) -> ResponseReturnValue:
    """Show a player what has come in; what is planned, or expected, is not for him."""
    with services().reading() as session:
        run = showing.find(session, key, PLAYER)
        mine = participants.parts_of(session, run, who().id)
        found = _came(session, run, PLAYERS)
        names = _names(session, found[1])
    titles = {part.id: part.title for part in runs.scenario_of(run).parts}
    return render_template(
        "drills/inbox.html",
        **_shown(run, *found, names),
        parts=[titles.get(row.part or "", "") for row in mine],
        teams=sorted({row.team for row in mine if row.team}),
        briefing=showing.address("drills.briefing", key=key),
    )


@blueprint.get("/drills/<key>/cards")
@requires(Permission.SIGNED_IN)
def cards(key: str) -> ResponseReturnValue:
    """Show simulators what they are to act, and as whom."""
    with services().reading() as session:
        run = showing.find(session, key, SIMULATOR, CONTROLLER)
        found = _came(session, run, SIMULATORS)
        names = _names(session, found[1])
    scenario = runs.scenario_of(run)
    return render_template(
        "drills/cards.html",
        **_shown(run, *found, names),
        cast=[one for one in scenario.cast if one.part is not None],
        titles={part.id: part.title for part in scenario.parts},
    )


@blueprint.post("/drills/<key>/injects/<int:inject>/answer")
@requires(Permission.SIGNED_IN)
def answer_inject(key: str, inject: int) -> ResponseReturnValue:
    """Write down what was done about an inject, by somebody to whom it came."""
    desk, by = services(), who()
    said = parse(Answered, {"text": request.form.get("text", "")})
    with desk.transaction() as session:
        run = runs.hold(session, key)
        row = schedule.get(session, run, inject)
        to = schedule.inject_of(row).to
        participants.require(session, run, by, *READERS[to])
        if row.state != schedule.FIRED:
            raise NotFound
        _refuse(run)
        schedule.answer(session, run, inject, said.text, who=by, now=desk.now())
        now, name = desk.now(), by.display
        runs.note(session, run, "inject_answered", by, now, inject=row.inject, person=name)
    flash(phrase("notices", "inject-answered"), "success")
    return redirect(url_for(".inbox" if to == PLAYERS else ".cards", key=key), 303)


def _refuse(run: DrillRun) -> None:
    """Refuse what would change a drill that does not go on."""
    if run.ended_at is not None:
        raise Conflict("drill-over")
    if run.frozen_at is not None:
        raise Conflict("drill-frozen")


def _came(session: Session, run: DrillRun, to: str) -> tuple[Course, list[Brought]]:
    """Return how a run goes and what came, the newest first; no more than can be read."""
    found = course(session, run, services().now())
    return found, list(showing.came(found, to))[:SHOWN]


def _names(session: Session, came: list[Brought]) -> dict[int, str]:
    ids = {one.row.answered_by for one in came}
    users = session.scalars(select(User).where(User.id.in_(ids)))
    return {user.id: user.display for user in users}


def _shown(
    run: DrillRun, found: Course, came: list[Brought], names: dict[int, str]
) -> dict[str, object]:
    """Return what both pages show: nothing of the plan, and nothing of what is expected."""
    return {
        "drill": True,
        "run": run,
        "state": found.state,
        "drill_time": found.drill_time,
        "came": came,
        "names": names,
        "waiting": sum(one.row.answered_at is None for one in came),
        "incident_url": showing.room_of(run.incident),
        "room_of": showing.room_of,
        "gist": showing.gist,
        "figures": showing.figures,
        "reading": showing.reading,
        "states": showing.STATES,
    }
