"""What the pages about a drill's result have in common: who may open which, and their tabs."""

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from drills import participants, runs
from drills.learning import after_actions
from drills.models import DrillRun
from drills.participants import CONTROLLER, EVALUATOR, OBSERVER
from incident.errors import Conflict, Forbidden
from incident.operations import pace
from incident.web.access import Permission, grants, who
from incident.web.looks import label

STAFF = frozenset({CONTROLLER, EVALUATOR, OBSERVER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One of the pages."""

    url: str
    label: str
    current: bool
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """What somebody is in a run, as far as these pages ask."""

    plays: frozenset[str]

    @property
    def directs(self) -> bool:
        """Tell whether he sees everything."""
        return CONTROLLER in self.plays and grants(who(), Permission.DIRECT)

    @property
    def evaluates(self) -> bool:
        """Tell whether he may mark."""
        return EVALUATOR in self.plays and grants(who(), Permission.DRILL)

    @property
    def is_staff(self) -> bool:
        """Tell whether he looked on, and did not play."""
        return not STAFF.isdisjoint(self.plays)


def seat(session: Session, run: DrillRun) -> Seat:
    """Return what the person of the request is in a run; raise Forbidden for who is nothing."""
    plays = participants.plays(session, run, who())
    if not plays:
        raise Forbidden("drill-not-yours")
    return Seat(plays=plays)


def seat_after(session: Session, run: DrillRun) -> Seat:
    """Return the same; raise Conflict for players and simulators before the end."""
    found = seat(session, run)
    if run.ended_at is None and not found.is_staff:
        raise Conflict("drill-not-ended")
    return found


def of(session: Session, run: DrillRun, seat: Seat, page: str, now: datetime) -> dict[str, object]:
    """Return what every one of the pages shows."""
    report = after_actions.of(session, run)
    clock = pace.of(session, run.key)
    return {
        "drill": True,
        "run": run,
        "scenario": runs.scenario_of(run),
        "state": runs.state(run, clock),
        "drill_time": clock.reached(run.ended_at or now) if run.started_at else None,
        "seat": seat,
        "report": report,
        "is_issued": report is not None and report.issued_at is not None,
        "tabs": [
            Tab(
                url=url_for(f"drills.{name}", key=run.key),
                label=label("learning", word),
                current=name == page,
            )
            for name, word in _pages(seat)
        ],
    }


def _pages(seat: Seat) -> list[tuple[str, str]]:
    found = [("show", "control")] if seat.directs or seat.is_staff else []
    if seat.evaluates or seat.directs:
        found.append(("evaluate", "evaluate"))
    found += [("result", "result"), ("wash", "wash"), ("survey", "survey")]
    if seat.directs:
        found.append(("report", "report"))
    return found
