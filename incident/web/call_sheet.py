"""The call sheet on one page of A4, and the siren of the desk with who takes it on."""

from typing import get_args

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from incident.inputs.calls import Answer, CallResult
from incident.operations import sirens as sounding
from incident.operations import steps
from incident.queries import call_sheet, duty, on_duty, sirens
from incident.web.access import Permission, requires, who
from incident.web.desk import services
from incident.web.looks import phrase

blueprint = Blueprint("call_sheet", __name__)


@blueprint.get("/desk/call-list")
@requires(Permission.CALL)
def show() -> ResponseReturnValue:
    """Show whom to ring, in which order; `print` opens the print dialogue at once."""
    desk = services()
    with desk.reading() as session:
        people = call_sheet.by_person(call_sheet.lines(session, desk.now()))
        present = on_duty.present(session, desk.rules, desk.now())
        posts = duty.posts(session, duty.CALLABLE)
    return render_template(
        "reaching/call_sheet.html",
        people=people,
        present=present,
        posts=posts,
        results=get_args(CallResult),
        answers=get_args(Answer),
        print_now="print" in request.args,
    )


@blueprint.post("/desk/siren/<number>")
@requires(Permission.CALL)
def take_on(number: str) -> ResponseReturnValue:
    """Silence what sounds for an incident, under one's own name."""
    desk = services()
    with desk.transaction() as session:
        incident = steps.hold(session, number)
        causes = sirens.causes(session, desk.now(), incident_id=incident.id)
        count = sounding.take_on(session, incident, causes, desk.context(who()))
    if count:
        flash(phrase("sirens", "taken", number=number), "success")
    return redirect(url_for("desk.show"), 303)


@blueprint.post("/desk/siren")
@requires(Permission.CALL)
def take_on_engine() -> ResponseReturnValue:
    """Write down that one knows of the engine that stands still."""
    with services().transaction() as session:
        sounding.take_on_engine(session, services().context(who()))
    return redirect(url_for("desk.show"), 303)


@blueprint.post("/desk/self-test")
@requires(Permission.CALL)
def self_test() -> ResponseReturnValue:
    """Write down that the siren was heard at the start of a watch."""
    with services().transaction() as session:
        sounding.self_tested(session, services().context(who()))
    flash(phrase("sirens", "tested"), "success")
    return redirect(url_for("desk.show"), 303)
