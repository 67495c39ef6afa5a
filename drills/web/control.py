"""The pages of drills: which can be played, how each goes, and who holds it back or ends it."""

from collections.abc import Callable
from datetime import datetime

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from drills import runs
from drills.condition_words import describe
from drills.course import Course, course
from drills.models import DrillRun
from drills.scenario import FASTEST, SLOWEST, Inject, Scenario
from drills.scenario_file import shipped
from drills.web.blueprint import blueprint
from incident.errors import FieldError, InvalidInput, NotFound
from incident.web.access import Permission, grants, requires, who
from incident.web.desk import services
from incident.web.language import language
from incident.web.looks import label, phrase
from incident.who import Who

SPEEDS = (1, 2, 4, 10, 30)
ROOM = "incidents.room"
Change = Callable[..., DrillRun]


@blueprint.get("/drills")
@requires(Permission.DRILL)
def index() -> ResponseReturnValue:
    """Show the scenarios and the drills that were started."""
    desk = services()
    scenarios = shipped()
    with desk.reading() as session:
        found = [course(session, run, desk.now()) for run in runs.everything(session)]
    return render_template(
        "drills/index.html",
        scenarios=list(scenarios.values()),
        drills=found,
        going=sum(one.state != "ended" for one in found),
        may_direct=grants(who(), Permission.DIRECT),
    )


@blueprint.get("/drills/scenarios/<name>")
@requires(Permission.DIRECT)
def ask(name: str) -> ResponseReturnValue:
    """Show what a start sets going, and ask for the speed."""
    return _start_page(_scenario(name), "")


@blueprint.post("/drills/scenarios/<name>")
@requires(Permission.DIRECT)
def start(name: str) -> ResponseReturnValue:
    """Start a drill."""
    scenario = _scenario(name)
    asked = request.form.get("speed", "").strip()
    try:
        speed = _speed(asked)
    except InvalidInput as error:
        return _start_page(scenario, asked, error), 422
    run = runs.start(services(), scenario, who=who(), speed=speed)
    flash(phrase("notices", "drill-started", number=run.key), "success")
    return redirect(url_for(".show", key=run.key))


@blueprint.get("/drills/<key>")
@requires(Permission.DRILL)
def show(key: str) -> ResponseReturnValue:
    """Show how one drill goes."""
    desk = services()
    with desk.reading() as session:
        found = _course(session, key, desk.now())
    number = found.run.incident
    is_there = number is not None and ROOM in current_app.view_functions
    return render_template(
        "drills/show.html",
        drill=True,
        course=found,
        run=found.run,
        minutes=lambda length: int(length.total_seconds()) // 60,
        incident_url=url_for(ROOM, number=number) if is_there else None,
        may_direct=grants(who(), Permission.DIRECT),
        gist=gist,
    )


@blueprint.post("/drills/<key>/pause")
@requires(Permission.DIRECT)
def pause(key: str) -> ResponseReturnValue:
    """Let the drill's time stand still."""
    return _change(runs.pause, key, "drill-paused")


@blueprint.post("/drills/<key>/resume")
@requires(Permission.DIRECT)
def resume(key: str) -> ResponseReturnValue:
    """Let the drill's time go on."""
    return _change(runs.resume, key, "drill-resumed")


@blueprint.post("/drills/<key>/end")
@requires(Permission.DIRECT)
def end(key: str) -> ResponseReturnValue:
    """End the drill for good."""
    return _change(runs.end, key, "drill-ended")


def _change(change: Change, key: str, notice: str) -> ResponseReturnValue:
    desk = services()
    by: Who = who()
    with desk.transaction() as session:
        change(session, key, who=by, now=desk.now())
    flash(phrase("notices", notice, number=key), "success")
    return redirect(url_for(".show", key=key))


def _start_page(scenario: Scenario, speed: str, error: InvalidInput | None = None) -> str:
    usual = f"{scenario.speed:g}"
    last = scenario.timeline[-1].offset.total_seconds()
    return render_template(
        "drills/start.html",
        scenario=scenario,
        gist=gist,
        describe=lambda condition: describe(condition, language()),
        usual=speed or usual,
        speeds=[
            (f"{each:g}", phrase("drills", "speed", speed=f"{each:g}", n=round(last / 60 / each)))
            for each in sorted({*SPEEDS, scenario.speed})
        ],
        error=phrase("fields", "bad-speed", least=SLOWEST, most=FASTEST) if error else None,
    )


def gist(inject: Inject) -> str:
    """Return what an inject says, in a line: its words, else its figures."""
    report = inject.report or {}
    said = inject.text or report.get("narrative")
    if said:
        return str(said)
    figures = {**report.get("counts", {}), **(inject.facts or {})}
    gap = label("common", "gap")
    return gap.join(
        f"{label('facts', name)} {value}" for name, value in figures.items() if name != "basis"
    )


def _course(session: Session, key: str, now: datetime) -> Course:
    return course(session, runs.find(session, key), now)


def _scenario(name: str) -> Scenario:
    found = shipped().get(name)
    if found is None:
        raise NotFound
    return found


def _speed(text: str) -> float:
    """Return a speed; raise InvalidInput."""
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not SLOWEST <= speed <= FASTEST:
        raise InvalidInput([FieldError("speed", "bad-speed", {"least": SLOWEST, "most": FASTEST})])
    return speed
