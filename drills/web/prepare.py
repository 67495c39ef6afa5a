"""Before a drill: choose what is played, see who takes part and what is ready, and begin."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from drills import enrolling, library, participants, readiness, runs
from drills.drill_speed import SPEEDS, speed_of
from drills.models import DrillRun
from drills.participants import CONTROLLER, OBSERVER
from drills.scenario.condition_words import describe
from drills.scenario.schema import Scenario
from drills.web import showing
from drills.web.blueprint import blueprint
from drills.web.control import back
from incident.errors import FieldError, Forbidden, InvalidInput
from incident.models import User
from incident.web.access import Permission, requires, who
from incident.web.desk import services
from incident.web.faults import field_words
from incident.web.language import language
from incident.web.looks import label, phrase

ALL = "all"
Form = dict[str, Any]


@blueprint.get("/drills/scenarios/<name>")
@requires(Permission.DIRECT)
def ask(name: str) -> ResponseReturnValue:
    """Show what a scenario brings, and ask how it is to be played."""
    scenario = _scenario(name)
    usual = {"speed": f"{scenario.speed:g}", "segments": ALL, "colleagues": "1"}
    return _start_page(scenario, usual, {})


@blueprint.post("/drills/scenarios/<name>")
@requires(Permission.DIRECT)
def start(name: str) -> ResponseReturnValue:
    """Prepare a drill with the usual people, and begin it at once unless asked to prepare only."""
    scenario, form = _scenario(name), request.form.to_dict()
    try:
        run = _prepare(scenario, form)
    except InvalidInput as error:
        return _start_page(scenario, form, field_words(error)), 422
    if form.get("then") == "prepare":
        flash(phrase("notices", "drill-prepared", number=run.key), "success")
        return redirect(url_for(".ready", key=run.key), 303)
    return _begin(run.key)


@blueprint.get("/drills/<key>/prepare")
@requires(Permission.DIRECT)
def ready(key: str) -> ResponseReturnValue:
    """Show who takes part in a drill and what is ready."""
    return _ready_page(key, {}, {})


@blueprint.post("/drills/<key>/begin")
@requires(Permission.DIRECT)
def begin(key: str) -> ResponseReturnValue:
    """Begin a prepared drill; what is not ready is shown once more first."""
    desk = services()
    with desk.reading() as session:
        run = showing.find(session, key, CONTROLLER)
        points = readiness.points(session, run, now=desk.now(), rules=desk.rules)
    if run.started_at is None and readiness.is_open(points) and "seen" not in request.form:
        left = [one for one in points if one.state == readiness.OPEN]
        return render_template("drills/begin.html", drill=True, run=run, points=left)
    return _begin(key)


@blueprint.post("/drills/<key>/cancel")
@requires(Permission.DIRECT)
def cancel(key: str) -> ResponseReturnValue:
    """Give up a prepared drill."""
    desk = services()
    with desk.transaction() as session:
        participants.require_director(session, runs.hold(session, key), who())
        runs.end(session, key, who=who(), now=desk.now())
    flash(phrase("notices", "drill-cancelled", number=key), "success")
    return redirect(url_for(".index"), 303)


@blueprint.post("/drills/<key>/participants")
@requires(Permission.DIRECT)
def enrol(key: str) -> ResponseReturnValue:
    """Let somebody take part."""
    desk, form = services(), request.form.to_dict()
    try:
        with desk.transaction() as session:
            run = runs.hold(session, key)
            participants.require_director(session, run, who())
            user = enrolling.add(
                session,
                run,
                form.get("user", ""),
                form.get("part", ""),
                team=form.get("team", "").strip()[:60] or None,
                with_real="with_real" in form,
            )
            runs.note(session, run, "drill_enrolled", who(), desk.now(), person=user.display)
    except InvalidInput as error:
        return _ready_page(key, form, field_words(error)), 422
    return _to_people(key, "drill-enrolled")


@blueprint.post("/drills/<key>/participants/<int:participant>/drop")
@requires(Permission.DIRECT)
def drop(key: str, participant: int) -> ResponseReturnValue:
    """Let somebody no longer take part."""
    desk = services()
    with desk.transaction() as session:
        run = runs.hold(session, key)
        participants.require_director(session, run, who())
        row = participants.drop(session, run, participant)
        user = session.get_one(User, row.user_id)
        runs.note(session, run, "drill_dropped", who(), desk.now(), person=user.display)
    return _to_people(key, "drill-dropped")


def _prepare(scenario: Scenario, form: Form) -> DrillRun:
    desk = services()
    run = runs.prepare(
        desk,
        scenario,
        who=who(),
        speed=speed_of(form.get("speed", "")),
        segments=_segments(scenario, form.get("segments", ALL)),
        colleagues="colleagues" in form,
    )
    with desk.transaction() as session:
        held = runs.hold(session, run.key)
        enrolling.usual(session, held, now=desk.now(), rules=desk.rules)
    return run


def _segments(scenario: Scenario, asked: str) -> list[str] | None:
    """Return the one segment that is played alone, None for all; raise InvalidInput."""
    if asked == ALL:
        return None
    if asked not in [one.id for one in scenario.segments if one.apart]:
        raise InvalidInput([FieldError("segments", "segment-not-apart")])
    return [asked]


def _begin(key: str) -> ResponseReturnValue:
    desk = services()
    with desk.transaction() as session:
        participants.require_director(session, runs.hold(session, key), who())
        runs.begin(session, key, who=who(), now=desk.now())
    return back(key, "drill-started")


def _to_people(key: str, notice: str) -> ResponseReturnValue:
    flash(phrase("notices", notice), "success")
    return redirect(url_for(".ready", key=key) + "#people", 303)


def _scenario(name: str) -> Scenario:
    """Return a scenario for somebody who does not play it; raise NotFound or Forbidden."""
    with services().reading() as session:
        scenario = library.find(session, name)
        if participants.plays_scenario(session, scenario.id, who()):
            raise Forbidden("drill-player")
    return scenario


def _start_page(scenario: Scenario, form: Form, errors: dict[str, str]) -> str:
    last = scenario.length.total_seconds()
    offered = sorted({*SPEEDS, scenario.speed})
    apart = [one for one in scenario.segments if one.apart]
    return render_template(
        "drills/start.html",
        scenario=scenario,
        gist=showing.gist,
        describe=lambda condition: describe(condition, language()),
        form=form,
        errors=errors,
        speeds=[
            (f"{each:g}", phrase("drills", "speed", speed=f"{each:g}", n=round(last / 60 / each)))
            for each in offered
        ],
        segments=[(one.id, one.title) for one in apart] if len(scenario.segments) > 1 else [],
        reading=showing.reading,
        minutes=showing.minutes,
    )


def _ready_page(key: str, form: Form, errors: dict[str, str]) -> str:
    desk = services()
    with desk.reading() as session:
        run = showing.find(session, key, CONTROLLER)
        scenario = runs.scenario_of(run)
        seats = enrolling.seats(session, run)
        observers = [one for one in participants.of_run(session, run) if one.row.plays == OBSERVER]
        points = readiness.points(session, run, now=desk.now(), rules=desk.rules)
        users = session.scalars(
            select(User).where(User.disabled_at.is_(None)).order_by(User.display)
        ).all()
    parts = [(one.id, f"{one.title} · {label('drill_plays', one.plays)}") for one in scenario.parts]
    return render_template(
        "drills/ready.html",
        drill=True,
        run=run,
        scenario=scenario,
        segments=[one.title for one in scenario.segments if one.id in run.segments],
        seats=seats,
        observers=observers,
        points=points,
        users=[(one.name, _named(one)) for one in users],
        parts=[*parts, (OBSERVER, label("drill_plays", OBSERVER))],
        form=form,
        errors=errors,
        papers=[(n, showing.address(f"drills.{n}", key=key)) for n in ("briefing", "handbook")],
    )


def _named(user: User) -> str:
    """Return somebody's name and account, and whether a telephone of his is real."""
    told = f"{user.display} · {user.name}"
    return f"{told} · {label('drill_plays', 'real')}" if participants.is_real(user) else told
