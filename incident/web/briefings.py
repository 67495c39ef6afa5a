"""Briefings: the list, a draft with its preview, the second look before it is issued, the PDF."""

from collections.abc import Mapping
from urllib.parse import quote

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from incident.composing import compose_reading
from incident.errors import Conflict, InvalidInput, NotFound, TocsinError
from incident.inputs.base import parse
from incident.inputs.briefings import FIELDS, Withdraw
from incident.models import Briefing, Incident
from incident.operations import briefing_prints, clocks, steps
from incident.operations import briefings as writing
from incident.operations.briefing_names import file_name
from incident.queries import briefings as reading
from incident.web import briefing_forms, briefing_pages, frame
from incident.web.access import Permission, requires, who
from incident.web.desk import services
from incident.web.faults import error_words, field_words
from incident.web.looks import label, phrase

blueprint = Blueprint("briefings", __name__)
PLACE = "/incidents/<number>/briefings"
# The browser shows a PDF by a page of its own, which may load nothing else.
VIEWER = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"


@blueprint.get(PLACE)
@requires(Permission.BRIEFING)
def index(number: str) -> ResponseReturnValue:
    """Show the briefings of an incident, and which can be begun."""
    with services().reading() as session:
        incident = frame.look(session, number)
        return render_template(
            "briefings/index.html",
            **frame.of(session, incident, "briefings"),
            rows=reading.rows(session, incident.id),
            startable=reading.startable(session, incident),
            may_draft=who().may_be(*writing.MAY_DRAFT),
            refusal=lambda code: label("errors", code),
        )


@blueprint.post(PLACE)
@requires(Permission.BRIEFING)
def begin(number: str) -> ResponseReturnValue:
    """Begin a briefing; where a draft lies open, go on with that one."""
    desk = services()
    _look(number)
    try:
        with desk.transaction() as session:
            held = steps.hold(session, number)
            kind = request.form.get("kind", "")
            row = writing.draft(session, held, kind, desk.context(who()))
    except Conflict as error:
        if error.code != "briefing-open":
            raise
        return redirect(url_for(".show", number=number, briefing=error.values["id"]), 303)
    return redirect(url_for(".show", number=number, briefing=row.id), 303)


@blueprint.get(f"{PLACE}/<int:briefing>")
@requires(Permission.BRIEFING)
def show(number: str, briefing: int) -> ResponseReturnValue:
    """Show a briefing: the PDF, its words, where each number comes from, what is missing."""
    return _page("briefings/show.html", number, briefing)


@blueprint.get(f"{PLACE}/<int:briefing>/text")
@requires(Permission.BRIEFING)
def edit(number: str, briefing: int) -> ResponseReturnValue:
    """Show the form of the parts that people write."""
    return _form(number, briefing)


@blueprint.post(f"{PLACE}/<int:briefing>/text")
@requires(Permission.BRIEFING)
def revise(number: str, briefing: int) -> ResponseReturnValue:
    """Keep what was written and have the preview printed."""
    desk = services()
    _look(number)
    try:
        with desk.transaction() as session:
            held = steps.hold(session, number)
            row = writing.find(session, held, briefing)
            text = briefing_forms.read(row.kind, request.form)
            writing.revise(session, held, row, text, desk.context(who()))
    except (InvalidInput, Conflict) as error:
        return _form(number, briefing, request.form, error), error.status
    flash(phrase("briefing_pages", "saved"), "success")
    return redirect(url_for(".show", number=number, briefing=briefing), 303)


@blueprint.post(f"{PLACE}/<int:briefing>/preview")
@requires(Permission.BRIEFING)
def preview(number: str, briefing: int) -> ResponseReturnValue:
    """Have the draft printed on the facts of now, or a failed printing tried again."""
    desk = services()
    _look(number)
    with desk.transaction() as session:
        held = steps.hold(session, number)
        row = writing.find(session, held, briefing)
        if writing.is_issued(row):
            writing.allow(who(), writing.MAY_DRAFT)
            briefing_prints.print_again(session, row, desk.context(who()))
        else:
            writing.preview(session, row, desk.context(who()))
    return redirect(url_for(".show", number=number, briefing=briefing), 303)


@blueprint.get(f"{PLACE}/<int:briefing>/issue")
@requires(Permission.BRIEFING)
def look_again(number: str, briefing: int) -> ResponseReturnValue:
    """Show once more what will be issued, under which effects."""
    return _page("briefings/issue.html", number, briefing)


@blueprint.post(f"{PLACE}/<int:briefing>/issue")
@requires(Permission.BRIEFING)
def issue(number: str, briefing: int) -> ResponseReturnValue:
    """Issue it, unless it changed since the second look."""
    desk = services()
    _look(number)
    try:
        with desk.transaction() as session:
            held = steps.hold(session, number)
            row = writing.find(session, held, briefing)
            seen = request.form.get("seen", "")
            writing.issue(session, held, row, desk.context(who()), seen=seen)
    except (InvalidInput, Conflict) as error:
        problem = error_words(error)
        return _page("briefings/issue.html", number, briefing, problem=problem), error.status
    flash(phrase("briefing_pages", "issued", number=row.number), "success")
    return redirect(url_for(".show", number=number, briefing=briefing), 303)


@blueprint.get(f"{PLACE}/<int:briefing>.pdf")
@requires(Permission.BRIEFING)
def pdf(number: str, briefing: int) -> ResponseReturnValue:
    """Hand out the PDF, of a draft too; with `save` it is to be kept under its name."""
    desk = services()
    with desk.reading() as session:
        incident = frame.look(session, number)
        row = writing.find(session, incident, briefing)
        digest = writing.printed(session, row)
        name = file_name(incident, row)
    if digest is None:
        raise NotFound("not-printed")
    way = "attachment" if "save" in request.args else "inline"
    return Response(
        desk.store.get(digest),
        mimetype="application/pdf",
        headers={
            "Content-Disposition": f"{way}; filename*=UTF-8''{quote(name, safe='')}",
            "Content-Security-Policy": VIEWER,
        },
    )


@blueprint.post(f"{PLACE}/<int:briefing>/withdraw")
@requires(Permission.BRIEFING)
def withdraw(number: str, briefing: int) -> ResponseReturnValue:
    """Take a draft back; the next of its kind may be begun."""
    desk = services()
    _look(number)
    try:
        reason = parse(Withdraw, {"reason": request.form.get("reason", "").strip() or None}).reason
        with desk.transaction() as session:
            held = steps.hold(session, number)
            row = writing.find(session, held, briefing)
            writing.withdraw(session, held, row, desk.context(who()), reason=reason)
    except (InvalidInput, Conflict) as error:
        problem = error_words(error)
        return _page("briefings/show.html", number, briefing, problem=problem), error.status
    flash(phrase("briefing_pages", "withdrawn"), "success")
    return redirect(url_for(".index", number=number), 303)


def _look(number: str) -> None:
    """Raise NotFound for an incident that this person may not know of."""
    with services().reading() as session:
        frame.look(session, number)


def _page(template: str, number: str, briefing: int, *, problem: str | None = None) -> str:
    desk = services()
    with desk.reading() as session:
        incident = frame.look(session, number)
        row = writing.find(session, incident, briefing)
        view = reading.view(session, row, desk.rules)
        return render_template(
            template,
            **frame.of(session, incident, "briefings"),
            view=view,
            row=view.row,
            heading=briefing_pages.heading(view.row),
            reading=compose_reading(
                view.document, [one.name for one in view.sources if one.is_count]
            ),
            sources=[briefing_pages.source(one) for one in view.sources],
            gaps=[briefing_pages.gap(number, briefing, one) for one in view.gaps],
            stops=_clocks_to_stop(session, incident, row),
            may_draft=who().may_be(*writing.MAY_DRAFT),
            may_issue=who().may_be(*writing.issuers(row.kind)),
            blocked=row.kind in writing.COMPLETE and bool(view.gaps),
            problem=problem,
        )


def _form(
    number: str,
    briefing: int,
    typed: Mapping[str, str] | None = None,
    error: TocsinError | None = None,
) -> str:
    desk = services()
    with desk.reading() as session:
        incident = frame.look(session, number)
        row = writing.find(session, incident, briefing)
        view = reading.view(session, row, desk.rules)
        values = briefing_forms.values(row.kind, view.text) if typed is None else typed
        wrong = field_words(error) if isinstance(error, InvalidInput) else {}
        return render_template(
            "briefings/edit.html",
            **frame.of(session, incident, "briefings"),
            view=view,
            row=view.row,
            heading=briefing_pages.heading(view.row),
            fields=FIELDS[row.kind],
            values=values,
            said=briefing_pages.said(view),
            section_rows=briefing_forms.section_rows(values),
            errors=wrong,
            summary=[(name, briefing_pages.error_line(name, wrong[name])) for name in wrong],
            problem=error_words(error) if error and not wrong else None,
        )


def _clocks_to_stop(session: Session, incident: Incident, row: Briefing) -> list[str]:
    how = f"briefing:{row.kind}"
    running = clocks.running_or_done(session, incident)
    return [one.title for one in running if one.satisfied_at is None and how in one.satisfied_by]
