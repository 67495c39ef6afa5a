"""The reports of the spool for the desk: what became of each, and those that need a person."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from incident import spool
from incident.errors import FieldError, InvalidInput, NotFound
from incident.models import SpooledReport
from incident.operations import drafts
from incident.operations import spooling as operations
from incident.queries import spooled
from incident.web import report_form, reports
from incident.web.access import Permission, requires, who
from incident.web.desk import services
from incident.web.faults import field_words
from incident.web.looks import label, phrase

blueprint = Blueprint("spool", __name__, url_prefix="/spooled")
LONGEST = 200
WORDS = {
    "kind": "kinds",
    "source": "sources",
    "setting": "settings",
    "counts.basis": "count_bases",
    "report_type": "report_types",
}


@blueprint.get("")
@requires(Permission.CALL)
def index() -> ResponseReturnValue:
    """Show what waits, what was entered, and what needs a person."""
    return _page({})


@blueprint.post("/<number>/settle")
@requires(Permission.CALL)
def settle(number: str) -> ResponseReturnValue:
    """Write down how a report was dealt with."""
    how = request.form.get("how", "").strip()
    if not how:
        return _page(field_words(InvalidInput([FieldError(f"how-{number}", "required")]))), 422
    desk = services()
    with desk.transaction() as session:
        operations.settle(session, number, how[:LONGEST], who=who(), now=desk.now())
    flash(phrase("notices", "spool-settled"), "success")
    return redirect(url_for("spool.index"), 303)


@blueprint.post("/<number>/draft")
@requires(Permission.REPORT)
def draft(number: str) -> ResponseReturnValue:
    """Open a sheet with what the report says, to be filed by whoever has looked at it."""
    desk, key = services(), reports.mint()
    with desk.transaction() as session:
        row = session.get(SpooledReport, number)
        if row is None or row.content is None:
            raise NotFound
        fields = report_form.of_report(row.content, desk.rules)
        drafts.save(session, key, fields, who=who(), now=desk.now())
    return redirect(url_for("reports.sheet", key=key), 303)


def _page(errors: dict[str, str]) -> str:
    desk = services()
    with desk.reading() as session:
        rows = spooled.newest(session)
    return render_template(
        "spool/index.html",
        rows=rows,
        errors=errors,
        waiting=spool.waiting(desk.settings.spool_dir),
        spoilt=spool.spoilt(desk.settings.spool_dir),
        folder=desk.settings.spool_dir,
        problems=_problems,
        told=_told,
    )


def _problems(codes: tuple[str, ...]) -> str:
    return label("common", "between").join(_problem(code) for code in codes)


def _problem(code: str) -> str:
    """Return what a code says; one of a field is said with the field's label."""
    field, _, wrong = code.rpartition(":")
    if not field:
        return label("errors", wrong)
    return f"{label('report_fields', field)} {label('fields', wrong)}"


def _told(content: dict[str, object]) -> list[tuple[str, str]]:
    """Return what a report says, field by field, in words."""
    fields = report_form.of_report(content, services().rules)
    return [
        (label("report_fields", name), _value(name, value))
        for name, value in fields.items()
        if value
    ]


def _value(name: str, value: str) -> str:
    if name == report_form.DIVISION:
        return services().rules.divisions.full_name(value) or value
    return label(WORDS[name], value) if name in WORDS else value.replace("T", " ")
