"""Briefings: the list, a draft with its preview, the second look before it is issued, the PDF."""

from collections.abc import Mapping
from urllib.parse import quote

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from incident import words
from incident.composing import compose_reading
from incident.errors import Conflict, InvalidInput, NotFound, TocsinError
from incident.inputs.briefings import FIELDS
from incident.models import Briefing, Incident
from incident.operations import briefings as writing
from incident.operations import clocks, steps
from incident.queries import briefings as reading
from incident.queries.briefings import Gap, Row, View
from incident.web import briefing_forms, frame, showing
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
            writing.print_again(session, row, desk.context(who()))
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


def file_name(incident: Incident, briefing: Briefing) -> str:
    """Return the name under which a PDF is kept: 【演练】初报_SP20261123-001.pdf."""
    is_numbered = briefing.kind in ("progress", "special") or briefing.sequence > 1
    return words.phrase(
        "briefings",
        "file",
        {
            "drill": words.label("briefings", "file_drill") if incident.drill else "",
            "kind": words.label("briefing_kinds", briefing.kind),
            "sequence": briefing.sequence if is_numbered else "",
            "draft": "" if writing.is_issued(briefing) else words.label("briefings", "file_draft"),
            "incident": incident.number,
        },
    )


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
            heading=heading(view.row),
            reading=compose_reading(
                view.document, [one.name for one in view.sources if one.is_count]
            ),
            sources=[_source(one) for one in view.sources],
            gaps=[(_gap_words(one), _gap_address(number, briefing, one)) for one in view.gaps],
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
            heading=heading(view.row),
            fields=FIELDS[row.kind],
            values=values,
            said=_said(view),
            section_rows=briefing_forms.section_rows(values),
            errors=wrong,
            summary=[(name, f"{_field_words(name)}：{text}") for name, text in wrong.items()],
            problem=error_words(error) if error and not wrong else None,
        )


def heading(row: Row) -> str:
    """Return how a page names a briefing: its kind, and the follow-ups by their number."""
    name = label("briefing_kinds", row.kind)
    if row.kind in ("progress", "special"):
        return phrase("briefing_pages", "numbered", kind=name, n=row.sequence)
    return name


def _said(view: View) -> dict[str, str]:
    """Return what the desk would say from its records where people write nothing."""
    document, text = view.document, view.text
    found = {name: getattr(document.facts, name, None) for name in ("course", "trend")}
    found["next_steps"] = "\n".join(document.facts.next_steps) or None
    for name in ("conclusion", "lessons"):
        found[name] = getattr(document.content, name, None)
    found["addressees"], found["cc"] = "\n".join(document.addressees), "\n".join(document.cc)
    return {name: value for name, value in found.items() if value and not text.get(name)}


def _field_words(name: str) -> str:
    first, _, rest = name.partition(".")
    return label("briefing_fields", f"sections.{rest.partition('.')[2]}" if rest else first)


def _source(one: reading.Source) -> dict[str, object]:
    return {
        "name": one.name,
        "label": label("facts", one.name),
        "value": showing.fact_value(one.name, one.value),
        "unit": showing.fact_unit(one.name) if one.is_count else None,
        "source": label("sources", one.source),
        "basis": label("count_bases", one.basis) if one.basis and one.is_count else None,
        "as_of": one.as_of,
        "reason": one.reason,
    }


def _gap_words(gap: Gap) -> str:
    name = label("gaps", gap.name)
    return phrase("briefing_pages", "gap_of", name=name, label=gap.label) if gap.label else name


def _gap_address(number: str, briefing: int, gap: Gap) -> str | None:
    """Return where what is missing can be entered."""
    field = f"f-{gap.target.replace('.', '-')}"
    match gap.way:
        case "facts":
            anchor = f"f-facts-{gap.target}" if gap.target else None
            return url_for("actions.show", number=number, name="update_facts", _anchor=anchor)
        case "report":
            return url_for("reports.follow_up", number=number, _anchor=field)
        case "text":
            return url_for(".edit", number=number, briefing=briefing, _anchor=field)
        case "grading":
            return url_for("grading.show", number=number)
        case "clock" if gap.target:
            return url_for("clocks.show", number=number, clock=int(gap.target))
        case _:
            return None


def _clocks_to_stop(session: Session, incident: Incident, row: Briefing) -> list[str]:
    how = f"briefing:{row.kind}"
    running = clocks.running_or_done(session, incident)
    return [one.title for one in running if one.satisfied_at is None and how in one.satisfied_by]
