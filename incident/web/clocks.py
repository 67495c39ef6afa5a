"""The statutory clocks of an incident, and the page that marks one as kept."""

from collections.abc import Mapping
from typing import Annotated

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import Field

from incident import charts
from incident.errors import Conflict, Forbidden, InvalidInput, NotFound, TocsinError
from incident.inputs.base import Input, Moment, parse
from incident.operations import clocks as watching
from incident.operations import steps
from incident.operations.actions import STAFF
from incident.queries import room, tracks
from incident.web import action_forms, action_pages, frame
from incident.web.access import Permission, requires, who
from incident.web.action_forms import Form
from incident.web.desk import services
from incident.web.faults import error_words, field_words
from incident.web.looks import daytime, local, phrase

blueprint = Blueprint("clocks", __name__)


class Kept(Input):
    """How a clock was kept, and when; None is now."""

    note: Annotated[str, Field(min_length=1, max_length=300)]
    at: Moment | None = None


@blueprint.get("/incidents/<number>/clocks")
@requires(Permission.INCIDENT)
def index(number: str) -> ResponseReturnValue:
    """Show every clock: running, kept, late, and those that only advise."""
    desk = services()
    with desk.reading() as session:
        incident = frame.look_inside(session, number)
        found = room.clocks(session, incident, desk.now())
        context = frame.of(session, incident, "clocks")
        beside = tracks.beside(session, incident, desk.rules)
    return render_template(
        "incidents/clocks.html",
        **context,
        tracks=beside,
        running=[clock for clock in found if not (clock.done_at or clock.stopped_at)],
        stopped=[clock for clock in found if clock.stopped_at is not None],
        done=[clock for clock in found if clock.done_at is not None],
        may_mark=who().may_be(*STAFF),
    )


@blueprint.get("/incidents/<number>/clocks/<int:clock>")
@requires(Permission.TASK)
def show(number: str, clock: int) -> ResponseReturnValue:
    """Show the form that marks a clock as kept by hand."""
    return _page(number, clock, {})


@blueprint.post("/incidents/<number>/clocks/<int:clock>")
@requires(Permission.TASK)
def mark(number: str, clock: int) -> ResponseReturnValue:
    """Mark a clock as kept, saying how; a time in the past is when it was done."""
    desk = services()
    with desk.reading() as session:
        frame.look(session, number)
    try:
        if not who().may_be(*STAFF):
            raise Forbidden("wrong-role", role=STAFF[0])
        kept = _read(request.form)
        with desk.transaction() as session:
            held = steps.hold(session, number)
            row = watching.mark(
                session, held, clock, at=kept.at, note=kept.note, who=who(), now=desk.now()
            )
    except (InvalidInput, Conflict) as error:
        return _page(number, clock, request.form, error), error.status
    flash(phrase("room", "clock_marked", title=row.title), "success")
    return redirect(url_for(".index", number=number), 303)


def spans(found: tuple[room.Clock, ...], late: int) -> charts.Figure:
    """Draw clocks as spans: the time allowed and the time taken."""
    rows = [
        charts.Span(
            name=clock.title[:14],
            starts_at=local(clock.starts_at),
            due_at=local(clock.due_at),
            done_at=local(clock.done_at) if clock.done_at else None,
        )
        for clock in found
        if clock.due_at
    ]
    words = charts.Words(
        title=phrase("room", "clocks_kept", count=len(rows), late=late),
        description=phrase("room", "clocks_told"),
        heads=tuple(phrase("room", f"{name}_head") for name in ("clock", "due", "done")),
    )
    return charts.clock_spans(
        rows,
        now=local(services().now()),
        words=words,
        moment=daytime,
        open_word=phrase("room", "open_word"),
    )


def _read(form: Form) -> Kept:
    raw = action_forms.plain(form, ("note", "at"), services().settings.time_zone)
    return parse(Kept, raw)


def _page(
    number: str, clock_id: int, values: Mapping[str, str], error: TocsinError | None = None
) -> str:
    desk = services()
    with desk.reading() as session:
        incident = frame.look_inside(session, number)
        found = {one.id: one for one in room.clocks(session, incident, desk.now())}
        if clock_id not in found:
            raise NotFound
        context = frame.of(session, incident, "clocks")
    wrong = field_words(error) if isinstance(error, InvalidInput) else {}
    return render_template(
        "incidents/clock.html",
        **context,
        clock=found[clock_id],
        values=values,
        errors=wrong,
        summary=[(field, action_pages.error_line(field, text)) for field, text in wrong.items()],
        problem=error_words(error) if error else None,
    )
