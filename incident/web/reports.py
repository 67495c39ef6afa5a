"""Take a report: the sheet for the telephone, a second look, and what happens next.

The key in the address is minted when the form opens. The draft lies under it, and the report
is filed under it: reload, back and a second click find the same report.
"""

import secrets
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from incident.errors import Conflict, InvalidInput, NotFound
from incident.operations import submissions
from incident.operations.clocks import OVER
from incident.queries import reports as reported
from incident.web import filing, report_form, report_views, writing_report
from incident.web.access import Permission, requires, who
from incident.web.desk import services
from incident.web.looks import phrase
from incident.web.writing_report import Writing

blueprint = Blueprint("reports", __name__)
KEY = "<string(minlength=16, maxlength=64):key>"


@blueprint.get("/reports/new")
@requires(Permission.REPORT)
def new() -> ResponseReturnValue:
    """Mint the key of a new report and open its sheet."""
    return redirect(url_for("reports.sheet", key=mint()))


@blueprint.get(f"/reports/new/{KEY}")
@requires(Permission.REPORT)
def sheet(key: str) -> ResponseReturnValue:
    """Show the sheet, with what was typed before."""
    writing = load(key)
    if writing.filed is not None:
        return redirect(url_for("reports.done", key=key))
    if writing.incident is not None:
        return redirect(_sheet_address(writing))
    return report_views.sheet(writing, {})


@blueprint.post(f"/reports/new/{KEY}")
@requires(Permission.REPORT)
def send(key: str) -> ResponseReturnValue:
    """Keep what was typed and go on to the second look, or say what is wrong."""
    return _keep_and_check(key, None)


@blueprint.get("/incidents/<number>/reports/new")
@requires(Permission.REPORT)
def follow_up(number: str) -> ResponseReturnValue:
    """Mint the key of a follow-up to an incident and open its sheet."""
    key, origin = mint(), request.args.get("from")
    _refuse_if_over(load(key, number))
    address = url_for("reports.follow_up_sheet", number=number, key=key)
    return redirect(f"{address}?{urlencode({'from': origin})}" if origin else address)


@blueprint.get(f"/incidents/<number>/reports/new/{KEY}")
@requires(Permission.REPORT)
def follow_up_sheet(number: str, key: str) -> ResponseReturnValue:
    """Show the sheet of a follow-up with the last values."""
    writing = load(key, number, request.args.get("from"))
    if writing.filed is not None:
        return redirect(url_for("reports.done", key=key))
    return report_views.sheet(writing, {})


@blueprint.post(f"/incidents/<number>/reports/new/{KEY}")
@requires(Permission.REPORT)
def send_follow_up(number: str, key: str) -> ResponseReturnValue:
    """Keep a follow-up and go on to the second look, or say what is wrong."""
    return _keep_and_check(key, number)


@blueprint.get(f"/reports/new/{KEY}/check")
@requires(Permission.REPORT)
def check(key: str) -> ResponseReturnValue:
    """Show all answers once more, with likely duplicates and the likely grade."""
    writing = load(key)
    if writing.filed is not None:
        return redirect(url_for("reports.done", key=key))
    if not writing.is_saved:
        return redirect(url_for("reports.sheet", key=key))
    try:
        report = writing_report.check(writing)
    except InvalidInput as error:
        return report_views.sheet(writing, report_views.error_fields(error)), 422
    return report_views.check(writing, report, seen=_seen(writing))


@blueprint.post(f"/reports/new/{KEY}/file")
@requires(Permission.REPORT)
def file(key: str) -> ResponseReturnValue:
    """File the report, once."""
    writing = load(key)
    if writing.filed is None and not writing.is_saved:
        return redirect(url_for("reports.sheet", key=key))
    if writing.filed is None and request.form.get("seen") != _seen(writing):
        flash(phrase("notices", "report-changed"), "warning")
        return redirect(url_for("reports.check", key=key))
    try:
        filing.file(writing)
    except InvalidInput as error:
        return report_views.sheet(writing, report_views.error_fields(error)), 422
    return redirect(url_for("reports.done", key=key), 303)


@blueprint.get(f"/reports/new/{KEY}/done")
@requires(Permission.REPORT)
def done(key: str) -> ResponseReturnValue:
    """Show the number, and what happens next."""
    writing = load(key)
    if writing.filed is None:
        raise NotFound
    return report_views.done(writing.filed)


@blueprint.post(f"/reports/new/{KEY}/similar")
@requires(Permission.REPORT)
def similar(key: str) -> ResponseReturnValue:
    """Answer what the form makes likely so far: duplicates, and the grade."""
    writing = load(key)
    fields = {**writing.fields, **report_form.posted(request.form)}
    found = report_views.hints(fields, writing.incident)
    return render_template("reports/hints.html", key=key, **found)


@blueprint.get("/reports/mine")
@requires(Permission.REPORT)
def mine() -> ResponseReturnValue:
    """Show what the person reported."""
    with services().reading() as session:
        return render_template("reports/mine.html", rows=reported.mine(session, who()))


def load(key: str, number: str | None = None, origin: str | None = None) -> Writing:
    """Return what is written under a key."""
    with services().reading() as session:
        return writing_report.load(session, key, number, origin=origin)


def mint() -> str:
    """Return a key that nobody guesses and nobody takes twice."""
    return secrets.token_urlsafe(18)


def _keep_and_check(key: str, number: str | None) -> ResponseReturnValue:
    if not writing_report.keep(key, number):
        flash(phrase("notices", "report-filed"), "warning")
        return redirect(url_for("reports.done", key=key), 303)
    if "later" in request.form:
        return redirect(url_for("drafts.index"), 303)
    writing = load(key, number)
    try:
        writing_report.check(writing)
    except InvalidInput as error:
        return report_views.sheet(writing, report_views.error_fields(error)), 422
    return redirect(url_for("reports.check", key=key), 303)


def _refuse_if_over(writing: Writing) -> None:
    """Say it before anybody types, when an incident takes no more reports."""
    incident = writing.incident
    if incident is not None and incident.state in OVER:
        raise Conflict("incident-over", state=incident.state)


def _sheet_address(writing: Writing) -> str:
    return report_views.sheet_address(writing)


def _seen(writing: Writing) -> str:
    """Return the mark of what the person saw, so that nothing else is filed."""
    shown: dict[str, Any] = {**writing.sent}
    return submissions.body_digest(shown)
