"""The observers' view (观摩): what players see, what was expected beside it, nothing to touch."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from drills.course import Course, course
from drills.learning import judging
from drills.learning.judging import Measured
from drills.models import DrillRun
from drills.participants import CONTROLLER, EVALUATOR, OBSERVER
from drills.web import picture, showing
from drills.web.blueprint import blueprint
from incident.models import Entry, Incident
from incident.queries import room
from incident.queries.timeline import GROUPS
from incident.web.access import Permission, requires
from incident.web.desk import services

NEWEST = 12
CAME = 8


@blueprint.get("/drills/<key>/watch")
@requires(Permission.DRILL)
def watch(key: str) -> ResponseReturnValue:
    """Show observers how a drill goes: a page, a screen for a hall, or one for the public."""
    return page(key)


def page(key: str) -> str:
    """Return the view; `screen` and `public` of the address say which."""
    is_public = request.args.get("public") == "1"
    is_screen = is_public or request.args.get("screen") == "1"
    state = _public_state(key) if is_public else _state(key)
    name = "public" if is_public else "screen" if is_screen else "watch"
    return render_template(f"drills/{name}.html", **state)


def _state(key: str) -> dict[str, Any]:
    desk = services()
    with desk.reading() as session:
        run = showing.find(session, key, CONTROLLER, EVALUATOR, OBSERVER)
        found = course(session, run, desk.now())
        incidents = _incidents(session, run)
        boards = [room.board(session, one, desk.rules, desk.now()) for one in incidents]
        entries = _entries(session, run)
    came = showing.came(found, "players")[:CAME]
    return {
        "drill": True,
        "course": found,
        "run": run,
        "boards": boards,
        "entries": entries,
        "came": [(one, _hopes(found, one.row.inject)) for one in came],
        "expected": [one for one in found.measured if one.state != judging.UNASKED],
        "figure": picture.seen_picture(found),
        "gist": showing.gist,
        "minutes": showing.minutes,
        "reading": showing.reading,
        "kinds": showing.KINDS,
        "states": showing.STATES,
        "incident_url": showing.room_of(run.incident),
    }


def _public_state(key: str) -> dict[str, Any]:
    """Return what may be shown to anybody: no name, number, address, word or expectation."""
    desk = services()
    with desk.reading() as session:
        run = showing.find(session, key, CONTROLLER, EVALUATOR, OBSERVER)
        found = course(session, run, desk.now())
        incidents = _incidents(session, run)
        entries = _entries(session, run, without=GROUPS["message"])
    return {
        "drill": True,
        "key": key,
        "kind": found.scenario.kind if found.scenario else None,
        "state": found.state,
        "drill_time": found.drill_time,
        "steps": [(one.state, one.grade) for one in incidents],
        "came": [(one.inject.via, one.row.fired_at) for one in showing.came(found, "players")],
        "entries": [(entry.type, entry.at) for entry in entries],
        "reading": showing.reading,
        "states": showing.STATES,
    }


def _hopes(found: Course, inject: str) -> list[Measured]:
    """Return what was expected after an inject."""
    since = f"{judging.INJECT}{inject}"
    return [one for one in found.measured if one.expectation.since == since]


def _incidents(session: Session, run: DrillRun) -> list[Incident]:
    query = select(Incident).where(Incident.drill == run.key).order_by(Incident.id)
    return list(session.scalars(query))


def _entries(session: Session, run: DrillRun, without: tuple[str, ...] = ()) -> list[Entry]:
    """Return the newest entries of a drill's incidents, without those of some types."""
    query = select(Entry).where(Entry.drill == run.key, Entry.type.not_in(without))
    return list(session.scalars(query.order_by(Entry.seq.desc()).limit(NEWEST)))
