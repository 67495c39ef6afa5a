"""Replay of an incident: what the desk knew at a moment, and what another time would have done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from incident.models import Incident
from incident.queries import dial as dials
from incident.queries import replay, replay_course, replay_people, timeline
from incident.web import facts, frame, replay_picture, supposing
from incident.web.access import DESK, DRILLS, Permission, requires, who
from incident.web.desk import services
from incident.web.looks import duration, isotime, local
from incident.web.places import Places

blueprint = Blueprint("replay", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Where one looks: the moment, its position among all that were written down, from 1."""

    at: datetime
    n: int
    count: int


@blueprint.get("/incidents/<number>/replay")
@requires(Permission.INCIDENT)
def show(number: str) -> ResponseReturnValue:
    """Show the slider, and what the desk knew at the moment chosen."""
    with services().reading() as session:
        incident = frame.look(session, number)
        context = {**frame.of(session, incident, "replay"), **_then(session, incident)}
    return render_template("replay/show.html", **context)


@blueprint.get("/incidents/<number>/now/replay")
@requires(Permission.INCIDENT)
def moment(number: str) -> ResponseReturnValue:
    """Answer what the desk knew at the moment chosen, as a piece of the page."""
    with services().reading() as session:
        incident = frame.look(session, number)
        context = _then(session, incident)
    return render_template(
        "replay/moment.html", **context, number=number, drill=incident.drill is not None
    )


@blueprint.get("/incidents/<number>/what-if")
@requires(Permission.INCIDENT)
def what_if(number: str) -> ResponseReturnValue:
    """Show which clocks and calls would have moved, had a step been taken at another time."""
    desk = services()
    with desk.reading() as session:
        incident = frame.look_at_work(session, number)
        dial = dials.of(session, incident)
        context = frame.of(session, incident, "replay")
        supposed = supposing.read(session, incident, dial, request.args)
    return render_template("replay/what_if.html", **context, **supposed, places=Places(dial))


def _then(session: Session, incident: Incident) -> dict[str, object]:
    """Return what the desk knew, as far as this person may know of it."""
    desk, person = services(), who()
    dial = dials.of(session, incident)
    moments = timeline.moments(session, incident.id, person)
    cursor = _cursor(moments)
    then = replay.standing(session, incident, cursor.at)
    course = replay_course.course(session, incident, person)
    known = [
        facts.row(one, incident.number)
        for one in replay.facts(session, incident, cursor.at, desk.rules)
    ]
    return {
        "cursor": cursor,
        "steps": _steps(incident, moments, cursor),
        "then": then,
        "places": Places(dial),
        "picture": replay_picture.picture(course, dial, cursor.at, end=moments[-1]),
        "known": [row for row in known if row["value"] is not None],
        "unknown": [row for row in known if row["value"] is None],
        "lines": timeline.until(session, incident.id, person, cursor.at)[::-1],
        "length": duration,
        "at_work": person.may_be(*DESK, *DRILLS),
        "may_open_papers": person.may_be(*DESK),
        **_work(session, incident, cursor.at, dial),
    }


def _work(
    session: Session, incident: Incident, at: datetime, dial: dials.Dial
) -> dict[str, object]:
    """Return clocks, tasks, papers and people: for those who work on it."""
    if not timeline.is_inside(who()):
        return {"is_inside": False}
    rules = services().rules
    people = who().may_be(*DESK, *DRILLS)
    return {
        "is_inside": True,
        "clocks": replay.clocks(session, incident, at, dial, rules),
        "tasks": replay.tasks(session, incident, at),
        "papers": replay.papers(session, incident, at),
        "calls": replay_people.calls(session, incident.id, at) if people else (),
    }


def _cursor(moments: Sequence[datetime]) -> Cursor:
    """Return where one looks: at a moment asked for, at a position, or at the newest."""
    count = len(moments)
    asked = _asked()
    if asked is not None:
        at = max(asked, moments[0])
        return Cursor(at=at, n=replay.position(moments, at), count=count)
    n = min(max(request.args.get("n", count, type=int), 1), count)
    return Cursor(at=moments[n - 1], n=n, count=count)


def _asked() -> datetime | None:
    """Return a moment of the form, in the office's zone; what cannot be read is not asked."""
    try:
        asked = datetime.fromisoformat(request.args.get("at", ""))
    except ValueError:
        return None
    if asked.tzinfo is None:
        asked = asked.replace(tzinfo=services().settings.time_zone)
    return min(asked, services().now())


def _steps(incident: Incident, moments: Sequence[datetime], cursor: Cursor) -> dict[str, object]:
    """Return the addresses of the steps that lead from here, None at an end."""
    between = cursor.at != moments[cursor.n - 1]
    back = cursor.n if between else cursor.n - 1
    return {
        "first": _address(incident, 1) if cursor.n > 1 or between else None,
        "previous": _address(incident, back) if back >= 1 else None,
        "next": _address(incident, cursor.n + 1) if cursor.n < cursor.count else None,
        "last": _address(incident, cursor.count) if cursor.n < cursor.count or between else None,
        "fragment": url_for("replay.moment", number=incident.number),
        "at": f"{local(cursor.at):%Y-%m-%dT%H:%M}",
        "exact": isotime(cursor.at),
    }


def _address(incident: Incident, n: int) -> str:
    return f"{url_for('replay.show', number=incident.number)}?{urlencode({'n': n})}"
