"""Follow-ups: all that are open, and the page on which one is ended."""

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from incident.errors import Conflict, Forbidden, InvalidInput, TocsinError
from incident.inputs.base import parse
from incident.inputs.follow_ups import Finished
from incident.operations import follow_ups as doing
from incident.operations import steps
from incident.queries import follow_ups
from incident.web import action_pages, frame
from incident.web.access import Permission, requires, who
from incident.web.desk import services
from incident.web.faults import error_words, field_words
from incident.web.looks import phrase

blueprint = Blueprint("follow_ups", __name__)
ONE = "/incidents/<number>/follow-ups/<int:follow_up>"


@blueprint.get("/follow-ups")
@requires(Permission.DESK)
def index() -> ResponseReturnValue:
    """Show what is left to mend, of all incidents."""
    desk = services()
    with desk.reading() as session:
        rows = follow_ups.open_ones(session, who(), now=desk.now(), rules=desk.rules)
    return render_template("follow_ups.html", rows=rows)


@blueprint.get(ONE)
@requires(Permission.REVIEW)
def show(number: str, follow_up: int) -> ResponseReturnValue:
    """Show the form that ends a follow-up."""
    return _page(number, follow_up, {})


@blueprint.post(ONE)
@requires(Permission.REVIEW)
def finish(number: str, follow_up: int) -> ResponseReturnValue:
    """End a follow-up, saying how it was done."""
    desk = services()
    with desk.reading() as session:
        frame.look(session, number)
    try:
        brought = parse(Finished, {"note": request.form.get("note", "")})
        with desk.transaction() as session:
            held = steps.hold(session, number)
            row = doing.find(session, held, follow_up)
            doing.finish(session, held, row, brought, desk.context(who()))
    except (InvalidInput, Conflict, Forbidden) as error:
        return _page(number, follow_up, request.form, error), error.status
    flash(phrase("room", "follow_up_done"), "success")
    return redirect(url_for("reviews.show", number=number, _anchor="follow-ups"), 303)


def _page(
    number: str, follow_up: int, values: Mapping[str, str], error: TocsinError | None = None
) -> str:
    desk = services()
    with desk.reading() as session:
        incident = frame.look_at_work(session, number)
        row = doing.find(session, incident, follow_up)
        line = follow_ups.line(session, incident, row, who(), now=desk.now(), rules=desk.rules)
        context = frame.of(session, incident, "review")
    wrong = field_words(error) if isinstance(error, InvalidInput) else {}
    return render_template(
        "incidents/follow_up.html",
        **context,
        line=line,
        values=values,
        errors=wrong,
        summary=[(name, action_pages.error_line(name, text)) for name, text in wrong.items()],
        problem=error_words(error) if error else None,
    )
