"""The result of a drill, to be read, printed and compared."""

from dataclasses import replace
from datetime import datetime

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from drills import runs
from drills.learning import comparing, ledger, marks, result_charts, scoring
from drills.learning import result as results
from drills.learning.judging import LATE, MISSED
from drills.learning.result import Result
from drills.models import DrillRun
from drills.web import learning_frame
from drills.web.blueprint import blueprint
from drills.web.learning_frame import Seat
from incident.web.access import Permission, grants, requires, who
from incident.web.desk import services
from incident.web.language import language


@blueprint.get("/drills/<key>/result")
@requires(Permission.LEARN)
def result(key: str) -> ResponseReturnValue:
    """Show the result; a person's own part only to him and to the director."""
    desk, now = services(), services().now()
    with desk.reading() as session:
        run = runs.find(session, key)
        seat = learning_frame.seat_after(session, run)
        context = learning_frame.of(session, run, seat, "result", now)
        found, is_blind = _seen(session, run, seat, now, is_issued=bool(context["is_issued"]))
        played = comparing.of_scenario(session, found, now)
        people = results.people(session, found, None if seat.directs else {who().person})
        course = results.happened(session, found)
        items = {row.source: row for row in ledger.of_run(session, run)}
    return render_template(
        "drill_results/result.html",
        **context,
        result=found,
        is_blind=is_blind,
        played=() if is_blind else played,
        people=people,
        course=course,
        items=items,
        failed=(LATE, MISSED),
        may_improve=grants(who(), Permission.IMPROVE) and run.ended_at is not None,
        charts=_charts(found, played, is_blind=is_blind),
    )


def _charts(
    found: Result, played: tuple[comparing.Played, ...], *, is_blind: bool
) -> dict[str, object]:
    told = language()
    return {
        "objectives": result_charts.objectives(found.score, told),
        "expectations": result_charts.expectations(found, told),
        "clocks": result_charts.clocks(found.clocks, told) if found.clocks else None,
        "played": result_charts.played(played, told) if len(played) > 1 and not is_blind else None,
    }


def _seen(
    session: Session, run: DrillRun, seat: Seat, now: datetime, *, is_issued: bool
) -> tuple[Result, bool]:
    """Return the result as this person may see it, and whether marks are kept from him.

    An evaluator sees no marks of others, not even in sums, before he has given his own.
    """
    found = results.result(session, run, now)
    if seat.directs or not seat.evaluates or is_issued:
        return found, False
    parts = marks.sheet(session, run, who(), sees_all=False)
    if not any(line.hidden for part in parts for line in part.lines):
        return found, False
    measured = scoring.score(found.scenario.objectives, (), found.measured)
    return replace(found, score=measured), True
