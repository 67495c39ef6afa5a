"""Swaps: who asked whom, and the word that each waits for."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from incident.errors import InvalidInput
from incident.models import Swap
from incident.operations import swaps
from incident.operations.context import Context
from incident.queries import duty_people, on_duty
from incident.web.access import Permission, grants, requires, who
from incident.web.desk import services
from incident.web.faults import field_words
from incident.web.looks import phrase

blueprint = Blueprint("roster_swaps", __name__, url_prefix="/roster/swaps")
Step = Callable[[Session, Swap, Context], None]


@blueprint.get("")
@requires(Permission.ROSTER)
def index() -> ResponseReturnValue:
    """Show the swaps."""
    return _page([])


@blueprint.post("/<int:number>/agree")
@requires(Permission.ROSTER)
def agree(number: int) -> ResponseReturnValue:
    """Agree to take another's duty."""
    return _take(number, swaps.agree)


@blueprint.post("/<int:number>/decline")
@requires(Permission.ROSTER)
def decline(number: int) -> ResponseReturnValue:
    """Do not take another's duty."""
    return _take(number, swaps.decline)


@blueprint.post("/<int:number>/withdraw")
@requires(Permission.ROSTER)
def withdraw(number: int) -> ResponseReturnValue:
    """Take back what one asked for."""
    return _take(number, swaps.withdraw)


@blueprint.post("/<int:number>/approve")
@requires(Permission.ROSTER_EDIT)
def approve(number: int) -> ResponseReturnValue:
    """Let the duties change hands."""
    return _take(number, swaps.approve)


@blueprint.post("/<int:number>/refuse")
@requires(Permission.ROSTER_EDIT)
def refuse(number: int) -> ResponseReturnValue:
    """Do not let the duties change hands."""
    return _take(number, swaps.refuse)


def _take(number: int, step: Step) -> ResponseReturnValue:
    desk = services()
    try:
        with desk.transaction() as session:
            swap = swaps.find(session, number)
            step(session, swap, desk.context(who()))
            state = swap.state
    except InvalidInput as error:
        return _page(list(field_words(error).values())), error.status
    flash(phrase("swap_states", state), "success")
    return redirect(url_for(".index"), 303)


def _page(problems: list[str]) -> str:
    desk, now = services(), services().now()
    with desk.reading() as session:
        rows = duty_people.swaps(session)
        mine = on_duty.mine(session, who().person, desk.rules, now)
    decides = grants(who(), Permission.ROSTER_EDIT)
    return render_template(
        "roster/swaps.html",
        rows=rows,
        waiting=duty_people.waiting(rows, who().id, now, decides=decides),
        mine=[duty for duty in mine if duty.starts_at > now and duty.tier == "main"],
        problems=problems,
        me_id=who().id,
        may_decide=decides,
    )
