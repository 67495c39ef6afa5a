"""The frame of an incident's pages: who may look, the board, the tabs."""

from flask import url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from incident.errors import Forbidden
from incident.models import AlertPerson, Attachment, Consultation, Incident, Task
from incident.queries import drill_clock, room, scope
from incident.queries.timeline import is_inside
from incident.web.access import DESK, DRILLS, who
from incident.web.desk import services
from workflows.lifecycle import Role, State

Frame = dict[str, object]
REVIEWED = (State.REVIEWING, State.CLOSED)
OUTSIDERS = ("timeline", "facts")


def look(session: Session, number: str) -> Incident:
    """Return an incident that this person may know of; raise NotFound."""
    return scope.incident(session, number, who())


def look_inside(session: Session, number: str) -> Incident:
    """Return an incident on which this person works; a reporting unit does not."""
    incident = look(session, number)
    if not is_inside(who()):
        raise Forbidden
    return incident


def look_at_work(session: Session, number: str) -> Incident:
    """Return an incident of the desk or of a drill: people, messages, review."""
    incident = look(session, number)
    if not who().may_be(*DESK, *DRILLS):
        raise Forbidden("wrong-role", role=Role.DUTY_OFFICER)
    return incident


def of(session: Session, incident: Incident, tab: str) -> Frame:
    """Return what every page of an incident shows beside its own."""
    desk = services()
    return {
        **drill_of(session, incident.drill),
        "board": room.board(session, incident, desk.rules, desk.now()),
        "tabs": _tabs(session, incident, tab),
        "number": incident.number,
    }


def drill_of(session: Session, drill: str | None) -> Frame:
    """Return what every page of a drill shows of it, with the clock that its lengths go by."""
    clock = drill and drill_clock.show(session, drill, services().now())
    return {"drill": drill is not None, "drill_clock": clock, "time": clock and clock.time}


def _tabs(session: Session, incident: Incident, current: str) -> list[dict[str, object]]:
    counts = {
        "tasks": _count(session, incident, Task),
        "messages": _count(session, incident, AlertPerson),
        "files": _count(session, incident, Attachment),
        "consult": _count(session, incident, Consultation),
    }
    return [
        {"name": name, "url": url, "current": name == current, "count": counts.get(name)}
        for name, url in _addresses(incident)
    ]


def _addresses(incident: Incident) -> list[tuple[str, str]]:
    number = incident.number
    everywhere = [
        ("timeline", url_for("incidents.room", number=number)),
        ("facts", url_for("facts.index", number=number)),
    ]
    if not is_inside(who()):
        return everywhere
    found = [
        *everywhere,
        ("grading", url_for("grading.show", number=number)),
        ("tasks", url_for("tasks.board", number=number)),
        ("consult", url_for("consultations.index", number=number)),
        ("files", url_for("attachments.index", number=number)),
        ("clocks", url_for("clocks.index", number=number)),
    ]
    if who().may_be(*DESK, *DRILLS):
        found.append(("messages", url_for("reaching.show", number=number)))
    if who().may_be(*DESK):
        found.append(("briefings", f"/incidents/{number}/briefings"))
    if who().may_be(*DESK, *DRILLS) and incident.state in REVIEWED:
        found.append(("review", url_for("reviews.show", number=number)))
    return found


def _count(session: Session, incident: Incident, table: type) -> int:
    query = select(func.count()).where(table.incident_id == incident.id)  # type: ignore[attr-defined]
    return session.scalar(query) or 0
