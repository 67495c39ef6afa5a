"""The roster of a month, who is on duty now, and what is wrong with the days ahead."""

from datetime import date, timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from incident.queries import duty_outlook, duty_people, on_duty
from incident.queries import roster as listed
from incident.web import roster_forms
from incident.web.access import DESK, Permission, grants, requires, who
from incident.web.desk import services
from workflows.shifts import DAY

blueprint = Blueprint("roster", __name__)
MY_NEXT = 6


@blueprint.get("/roster")
@requires(Permission.ROSTER)
def index() -> ResponseReturnValue:
    """Show a month."""
    desk, now = services(), services().now()
    first = roster_forms.month(request.args.get("month", ""), desk.rules.day(now))
    edits = grants(who(), Permission.ROSTER_EDIT)
    with desk.reading() as session:
        swaps = duty_people.swaps(session, open_only=True)
        page = {
            "month": listed.month(session, first, desk.rules, now),
            "present": on_duty.present(session, desk.rules, now),
            "outlook": duty_outlook.outlook(session, desk.rules, now),
            "mine": on_duty.mine(session, who().person, desk.rules, now)[:MY_NEXT],
            "swaps": len(swaps),
            "waiting": duty_people.waiting(swaps, who().id, now, decides=edits),
        }
    return render_template(
        "roster/index.html",
        **page,
        ahead=duty_outlook.AHEAD,
        before=(first - DAY).replace(day=1),
        after=next_month(first),
        today=desk.rules.day(now),
        me_id=who().id,
        may_edit=edits,
        may_ring=who().may_be(*DESK),
    )


def next_month(first: date) -> date:
    """Return the first day of the month after one."""
    return (first + timedelta(days=31)).replace(day=1)
