"""The plans, to be read: which are in force, and what one demands of whom."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from incident.errors import NotFound
from incident.queries import plans
from incident.web.access import Permission, requires, who
from incident.web.desk import services
from workflows.library import PlanNotFound
from workflows.plan import Grade, Plan

blueprint = Blueprint("plans", __name__)


@blueprint.get("/plans")
@requires(Permission.PLANS)
def index() -> ResponseReturnValue:
    """Show all editions."""
    desk = services()
    found = plans.editions(desk.rules, desk.rules.day(desk.now()))
    return render_template("plans/index.html", editions=found)


@blueprint.get("/plans/<id>")
@requires(Permission.PLANS)
def show(id: str) -> ResponseReturnValue:
    """Show one edition, every rule with its source and how well that is known."""
    desk = services()
    plan = _plan(id)
    with desk.reading() as session:
        begun = plans.begun_with(session, who(), plan)
    return render_template(
        "plans/show.html",
        plan=plan,
        place=desk.rules.divisions.full_name(plan.jurisdiction.ljust(6, "0")),
        is_in_force=plan.is_in_force(desk.rules.day(desk.now())),
        criteria=plans.by_grade(plan),
        measures=plans.demanded(plan),
        callouts=[(item, plans.grades_of(item)) for item in plan.callouts],
        grades=list(Grade),
        begun=begun,
    )


@blueprint.get("/plans/<id>/card")
@requires(Permission.PLANS)
def card(id: str) -> ResponseReturnValue:
    """Show the quick card of an edition, on one sheet of paper."""
    plan = _plan(id)
    return render_template("plans/card.html", plan=plan, criteria=plans.by_grade(plan))


def _plan(id: str) -> Plan:
    try:
        return services().rules.library.plan(id)
    except PlanNotFound as error:
        raise NotFound from error
