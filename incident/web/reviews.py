"""The review of an incident: its course against the clocks, what is written, what is left."""

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from incident.errors import Conflict, InvalidInput
from incident.inputs.actions import ReviewText
from incident.inputs.base import parse
from incident.operations import closing, steps
from incident.queries import choices, course
from incident.queries import follow_ups as left
from incident.web import action_forms, action_pages, clocks, frame
from incident.web.access import Permission, requires, who
from incident.web.desk import services
from incident.web.faults import field_words
from incident.web.looks import duration, phrase
from workflows.lifecycle import State

blueprint = Blueprint("reviews", __name__)


@blueprint.get("/incidents/<number>/review")
@requires(Permission.INCIDENT)
def show(number: str) -> ResponseReturnValue:
    """Show the review."""
    return _page(number, None)


@blueprint.post("/incidents/<number>/review")
@requires(Permission.REVIEW)
def save(number: str) -> ResponseReturnValue:
    """Keep the text of the review; it may be written anew until the archive."""
    desk = services()
    with desk.reading() as session:
        frame.look(session, number)
    try:
        brought = parse(ReviewText, action_forms.review(request.form))
        with desk.transaction() as session:
            held = steps.hold(session, number)
            if held.state != State.REVIEWING:
                raise Conflict("review-closed")
            closing.review(session, held, brought, desk.context(who()))
    except InvalidInput as error:
        wrong = {f"review.{name}": text for name, text in field_words(error).items()}
        return _page(number, request.form, wrong), error.status
    flash(phrase("room", "review_saved"), "success")
    return redirect(url_for(".show", number=number), 303)


def _page(
    number: str, typed: Mapping[str, str] | None, errors: Mapping[str, str] | None = None
) -> str:
    desk = services()
    with desk.reading() as session:
        incident = frame.look_at_work(session, number)
        found = course.course(session, incident, desk.now())
        open_now = choices.choices(session, incident, who(), now=desk.now(), rules=desk.rules)
        values = typed if typed is not None else action_pages.of_review(found.review)
        context = {
            **frame.of(session, incident, "review"),
            **action_pages.helps(session, incident, "archive", values),
            "follow_ups": left.of(session, incident, who(), now=desk.now(), rules=desk.rules),
        }
    wrong = errors or {}
    return render_template(
        "incidents/review.html",
        **context,
        course=found,
        since={one.name: duration(one.since) for one in found.times if one.since},
        figure=clocks.spans(found.clocks, found.late) if found.clocks else None,
        values=values,
        errors=wrong,
        summary=[(field, action_pages.error_line(field, text)) for field, text in wrong.items()],
        choices={one.action: one for one in open_now},
        may_write=incident.state == State.REVIEWING and who().may_be(*closing.MAY_REVIEW),
        is_over=incident.state in (State.REVIEWING, State.CLOSED),
    )
