"""The control room (导调): how a drill goes, and the director's hand on its time."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from drills import directing, participants, preempting, runs, schedule
from drills.course import Course, course
from drills.drill_speed import SPEEDS, speed_of
from drills.models import DrillRun
from drills.participants import CONTROLLER, PLAYER
from drills.web import picture, showing, watching
from drills.web.blueprint import blueprint
from incident.errors import NotFound
from incident.models import User
from incident.web.access import Permission, requires, who
from incident.web.desk import services
from incident.web.looks import phrase
from incident.who import Who

SHOWN = 60  # injects that are still to come, and of those that came
Change = Callable[..., DrillRun]


@blueprint.get("/drills/<key>")
@requires(Permission.DRILL)
def show(key: str) -> ResponseReturnValue:
    """Show the control room to controllers; a player his inbox, the others what they may see."""
    with services().reading() as session:
        run = runs.find(session, key)
        found = participants.plays(session, run, who())
    if PLAYER in found:
        return redirect(url_for(".inbox", key=key))
    if CONTROLLER not in found:
        return watching.page(key)
    return render_template("drills/control.html", **_state(key))


@blueprint.get("/drills/<key>/now/<part>")
@requires(Permission.DIRECT)
def now(key: str, part: str) -> ResponseReturnValue:
    """Answer what changes in the control room, for the page to take in."""
    if part != "course":
        raise NotFound
    return render_template("drills/now.html", **_state(key))


@blueprint.post("/drills/<key>/pause")
@requires(Permission.DIRECT)
def pause(key: str) -> ResponseReturnValue:
    """Let the drill's time stand still."""
    return _change(runs.pause, key, "drill-paused")


@blueprint.post("/drills/<key>/resume")
@requires(Permission.DIRECT)
def resume(key: str) -> ResponseReturnValue:
    """Let the drill's time go on, also after a real incident stopped it."""
    return _change(preempting.bring_back, key, "drill-resumed")


@blueprint.post("/drills/<key>/speed")
@requires(Permission.DIRECT)
def set_speed(key: str) -> ResponseReturnValue:
    """Give the drill another speed."""
    speed = speed_of(request.form.get("speed", ""))

    def change(session: Any, key: str, **rest: Any) -> DrillRun:
        return runs.set_speed(session, key, speed, **rest)

    return _change(change, key, "drill-speed")


@blueprint.get("/drills/<key>/jump/<segment>")
@requires(Permission.DIRECT)
def look_before_jump(key: str, segment: str) -> ResponseReturnValue:
    """Say what a jump would leave out, before it does."""
    found = _course(key)
    segments = found.scenario.segments if found.scenario else ()
    target = next((one for one in segments if one.id == segment), None)
    if target is None:
        raise NotFound
    left_out = [
        one
        for one in found.injects
        if one.row.state == schedule.PLANNED and one.due is not None and one.due < target.start
    ]
    return render_template(
        "drills/jump.html", drill=True, run=found.run, target=target, left_out=left_out, **_words()
    )


@blueprint.post("/drills/<key>/jump/<segment>")
@requires(Permission.DIRECT)
def jump(key: str, segment: str) -> ResponseReturnValue:
    """Go on with a later segment."""

    def change(session: Any, key: str, **rest: Any) -> DrillRun:
        return runs.jump(session, key, segment, **rest)

    return _change(change, key, "drill-jumped")


@blueprint.get("/drills/<key>/end")
@requires(Permission.DIRECT)
def look_before_end(key: str) -> ResponseReturnValue:
    """Say what the end of a drill means, before it does."""
    found = _course(key)
    left = sum(one.row.state in schedule.OPEN for one in found.injects)
    still = [one for one in found.measured if one.state == "open"]
    return render_template(
        "drills/end.html", drill=True, run=found.run, left=left, still=still, course=found
    )


@blueprint.post("/drills/<key>/end")
@requires(Permission.DIRECT)
def end(key: str) -> ResponseReturnValue:
    """End the drill for good."""
    return _change(runs.end, key, "drill-ended")


@blueprint.post("/drills/<key>/direct")
@requires(Permission.DIRECT)
def take_over(key: str) -> ResponseReturnValue:
    """Direct the drill in place of who did."""
    desk = services()
    with desk.transaction() as session:
        directing.take_over(session, key, who=who(), now=desk.now())
    return back(key, "drill-taken-over")


def back(key: str, notice: str, category: str = "success") -> ResponseReturnValue:
    """Lead back to the control room with a word on what was done."""
    flash(phrase("notices", notice, number=key), category)
    return redirect(url_for("drills.show", key=key), 303)


def _change(change: Change, key: str, notice: str) -> ResponseReturnValue:
    desk = services()
    by: Who = who()
    with desk.transaction() as session:
        participants.require_director(session, runs.hold(session, key), by)
        change(session, key, who=by, now=desk.now())
    return back(key, notice)


def _course(key: str) -> Course:
    """Return how a drill goes, for its controllers alone."""
    desk = services()
    with desk.reading() as session:
        return course(session, showing.find(session, key, CONTROLLER), desk.now())


def _state(key: str) -> dict[str, Any]:
    """Return what the control room shows."""
    desk = services()
    with desk.reading() as session:
        found = course(session, showing.find(session, key, CONTROLLER), desk.now())
        run = found.run
        director = session.get(User, run.director_id) if run.director_id else None
    to_come = [one for one in found.injects if one.row.state in schedule.OPEN]
    came = [one for one in found.injects if one.row.state not in schedule.OPEN]
    return {
        "drill": True,
        "course": found,
        "run": run,
        "director": director.display if director else None,
        "is_director": director is None or director.id == who().id,
        "may_direct": showing.may_direct(),
        "figure": picture.picture(found),
        "numbers": picture.numbers(found),
        "to_come": to_come[:SHOWN],
        "came": came[::-1][:SHOWN],
        "more_to_come": max(0, len(to_come) - SHOWN),
        "more_came": max(0, len(came) - SHOWN),
        "speeds": SPEEDS,
        "later": _later(found),
        "incident_url": showing.room_of(run.incident),
        "places": _places(key),
        **_words(),
    }


def _later(found: Course) -> list[Any]:
    """Return the segments that the drill has not reached."""
    if found.scenario is None or found.run.started_at is None:
        return []
    played = [one for one in found.scenario.segments if one.id in found.run.segments]
    return [one for one in played if one.start > found.drill_time]


def _places(key: str) -> list[tuple[str, str]]:
    """Return the other pages of the drill that are there, by the name of their words."""
    found = [
        (name, showing.address(f"drills.{name}", key=key))
        for name in ("ready", "watch", "cards", "evaluate", "result", "briefing", "handbook")
    ]
    return [(name, url) for name, url in found if url is not None]


def _words() -> dict[str, Any]:
    return {
        "gist": showing.gist,
        "minutes": showing.minutes,
        "reading": showing.reading,
        "kinds": showing.KINDS,
        "states": showing.STATES,
    }
