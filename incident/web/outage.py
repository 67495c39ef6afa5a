"""Take a report on a page while the database is away, and show what became of it."""

import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from incident import spool
from incident.errors import BadRequest, InvalidInput, NotFound
from incident.models import SpooledReport
from incident.operations import drafts, submissions
from incident.operations import spooling as operations
from incident.operations.drafts import Fields
from incident.queries import places, scope
from incident.web import report_form, report_views, reports, spooling
from incident.web.access import Permission, requires, who
from incident.web.desk import services
from incident.web.reports import KEY

blueprint = Blueprint("outage", __name__)


@blueprint.post(f"/reports/outage/{KEY}")
@requires(Permission.REPORT)
def take(key: str) -> ResponseReturnValue:
    """File what was typed without the database; once that is back, by the usual way."""
    return reports.send(key)


@blueprint.get("/reports/spooled/<number>")
@requires(Permission.REPORT)
def show(number: str) -> ResponseReturnValue:
    """Show what became of a report, under the number that it was given."""
    with services().reading() as session:
        row = session.get(SpooledReport, number)
    if row is None:
        return _waiting(number)
    _refuse_others(row.user_id)
    return _page(number, incident=row.incident, spooled_at=row.spooled_at, waits=False)


def instead() -> ResponseReturnValue | None:
    """Do without the database what can be done without it; None for everything else."""
    answer = INSTEAD.get(request.endpoint or "")
    if answer is None:
        return None
    spooling.caller()
    if request.method == "POST":
        current_app.extensions["csrf"].protect()
    return answer()


def _sheet() -> ResponseReturnValue:
    """Show the sheet for typing on, with what a request brought."""
    return _emergency(report_form.posted(request.form), {}), 503


def _file_typed() -> ResponseReturnValue:
    """Take what was typed on that sheet, or say what is wrong with it."""
    fields, desk = report_form.posted(request.form), services()
    try:
        report = report_form.read(fields, now=desk.now(), rules=desk.rules)
    except InvalidInput as error:
        return _emergency(fields, report_views.error_fields(error)), 422
    return _spool(fields, report.model_dump(mode="json", exclude_none=True))


def _file_seen() -> ResponseReturnValue:
    """Take what the second look showed; it came along with the form, for it lies in the draft."""
    told = request.form.get("told", "")
    fields: Fields = json.loads(told) if told else {}
    if submissions.body_digest(dict(fields)) != request.form.get("seen"):
        raise BadRequest("bad-request")
    desk = services()
    report = report_form.read(fields, now=desk.now(), rules=desk.rules)
    content = report.model_dump(mode="json", exclude_none=True)
    return _spool(fields, content, incident=request.form.get("follows") or None)


def _spool(
    fields: Fields, content: dict[str, Any], *, incident: str | None = None
) -> ResponseReturnValue:
    spooling.present().note_away()
    one = spooling.take(
        key=drafts.submission_key(_key(), who()),
        body=submissions.body_digest(dict(fields)),
        answered=operations.PAGE,
        content=content,
        incident=incident,
    )
    return redirect(url_for("outage.show", number=one.number), 303)


def _emergency(fields: Fields, errors: dict[str, str]) -> str:
    desk = services()
    found = places.find(
        fields.get(report_form.DIVISION, ""), desk.rules.divisions, desk.rules.jurisdiction
    )
    start = {"received_at": report_form.local_text(desk.now(), desk.rules)}
    return render_template(
        "reports/outage.html",
        action=url_for("outage.take", key=_key()),
        f={**start, **fields},
        b={},
        e=errors,
        incident=None,
        source_fixed=False,
        places=places.choices(desk.rules.divisions, desk.rules.jurisdiction),
        choices=report_views.choices(),
        meant=[desk.rules.divisions.full_name(code) for code in found[:8]],
    )


def _key() -> str:
    """Return the key of the present report; a sheet that opens now mints one."""
    return str((request.view_args or {}).get("key") or reports.mint())


def _waiting(number: str) -> ResponseReturnValue:
    one = spool.find(services().settings.spool_dir, number)
    if one is None:
        raise NotFound
    _refuse_others(one.user_id)
    return _page(number, incident=None, spooled_at=one.spooled_at, waits=True)


def _waiting_here() -> ResponseReturnValue:
    return _waiting(str((request.view_args or {})["number"]))


def _page(number: str, **told: Any) -> str:
    return render_template("reports/spooled.html", number=number, **told)


def _refuse_others(user_id: int) -> None:
    """Raise NotFound for who neither filed it nor sits at the desk."""
    if user_id != who().id and not scope.sees_all(who()):
        raise NotFound


INSTEAD: dict[str, Callable[[], ResponseReturnValue]] = {
    "reports.new": _sheet,
    "reports.sheet": _sheet,
    "reports.send": _sheet,
    "reports.file": _file_seen,
    "steps.begin": _sheet,
    "steps.send": _sheet,
    "outage.take": _file_typed,
    "outage.show": _waiting_here,
}
