"""What the pages of drills have in common: an inject in a line, readings, addresses, who asks."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import current_app, url_for
from sqlalchemy.orm import Session

from drills import participants, runs
from drills.course import Brought, Course
from drills.models import DrillRun
from drills.scenario.schema import Inject
from incident.web.access import Permission, grants, who
from incident.web.looks import label

ROOM = "incidents.room"
KINDS = {
    "fired": "done",
    "answered": "done",
    "next": "act",
    "omitted": "warn",
    "held": "warn",
    "expired": "warn",
    "failed": "bad",
}
"""The mark of an inject by its state, plain for the others."""
STATES = {"running": "act", "paused": "warn", "frozen": "bad", "ended": "done"}
"""The mark of a run by its state, plain where it has not begun."""


def find(session: Session, key: str, *wanted: str) -> DrillRun:
    """Return a run for somebody who is one of these in it; raise NotFound or Forbidden."""
    run = runs.find(session, key)
    participants.require(session, run, who(), *wanted)
    return run


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


def figures(inject: Inject) -> Sequence[tuple[str, str]]:
    """Return the counts and facts that an inject brings, with their names."""
    told = {**(inject.report or {}).get("counts", {}), **(inject.facts or {})}
    return [(label("facts", name), str(value)) for name, value in told.items() if name != "basis"]


def minutes(length: timedelta) -> int:
    """Return whole minutes."""
    return int(length.total_seconds()) // 60


def reading(length: timedelta | float | None) -> str:
    """Return a drill time as 1:05, in hours and minutes; "" where there is none."""
    if length is None:
        return ""
    seconds = length if isinstance(length, int | float) else length.total_seconds()
    hours, rest = divmod(int(seconds) // 60, 60)
    return f"{hours}:{rest:02d}"


def room_of(number: str | None) -> str | None:
    """Return the address of an incident's room, None where there is none."""
    is_there = number is not None and ROOM in current_app.view_functions
    return url_for(ROOM, number=number) if is_there else None


def address(endpoint: str, **values: Any) -> str | None:
    """Return the address of a page that may not be there."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


def may_direct() -> bool:
    """Tell whether somebody could direct drills."""
    return grants(who(), Permission.DIRECT)


def came(course: Course, to: str) -> Sequence[Brought]:
    """Return what has come for players, or for simulators: the newest first."""
    found = [one for one in course.injects if one.row.fired_at and one.inject.to == to]
    return sorted(found, key=lambda one: (one.row.fired_at, one.row.id), reverse=True)
