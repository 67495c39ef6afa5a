"""Drafts of reports: kept while somebody types, listed, put aside and taken back."""

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from incident.operations import drafts
from incident.web import writing_report
from incident.web.access import Permission, requires, who
from incident.web.desk import services
from incident.web.looks import local
from incident.web.reports import KEY

blueprint = Blueprint("drafts", __name__)
CONFLICT = 409


@blueprint.get("/reports/drafts")
@requires(Permission.REPORT)
def index() -> ResponseReturnValue:
    """Show the drafts that the person may go on with, and the one just put aside."""
    with services().reading() as session:
        return render_template(
            "reports/drafts.html",
            drafts=drafts.mine(session, who()),
            discarded=_discarded(request.args.get("discarded")),
        )


@blueprint.post(f"/reports/new/{KEY}/draft")
@requires(Permission.REPORT)
def keep(key: str) -> ResponseReturnValue:
    """Keep what was typed so far; answer at what time it was stored."""
    if not writing_report.keep(key, request.args.get("incident")):
        abort(CONFLICT)
    return jsonify(saved_at=f"{local(services().now()):%H:%M:%S}")


@blueprint.post(f"/reports/new/{KEY}/discard")
@requires(Permission.REPORT)
def discard(key: str) -> ResponseReturnValue:
    """Put a draft aside."""
    desk = services()
    with desk.transaction() as session:
        drafts.discard(session, key, who=who(), now=desk.now())
    return redirect(url_for("drafts.index", discarded=key), 303)


@blueprint.post(f"/reports/new/{KEY}/restore")
@requires(Permission.REPORT)
def restore(key: str) -> ResponseReturnValue:
    """Take the draft back and go on with it."""
    with services().transaction() as session:
        drafts.restore(session, key, who=who())
    return redirect(url_for("reports.sheet", key=key), 303)


def _discarded(key: str | None) -> str | None:
    """Return the key of a draft that can be taken back."""
    if key is None:
        return None
    with services().reading() as session:
        draft = drafts.find(session, key, who())
    return key if draft and drafts.DISCARDED in draft.content else None
