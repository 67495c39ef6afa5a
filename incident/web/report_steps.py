"""A report step by step, for the phone in the hand: one group a page, all kept on the server."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from incident.errors import InvalidInput, NotFound
from incident.web import report_views, writing_report
from incident.web.access import Permission, requires
from incident.web.reports import KEY, load, mint
from incident.web.writing_report import Writing

blueprint = Blueprint("steps", __name__)
STEPS = {
    "place": ("kind", "place.division", "place.address", "unit.name", "setting"),
    "people": (
        "counts.ill",
        "counts.severe",
        "counts.deaths",
        "counts.exposed",
        "counts.visited",
        "counts.hospitalised",
        "counts.unexpected",
        "counts.basis",
    ),
    "suspect": (
        "suspect.product",
        "suspect.batch",
        "suspect.producer",
        "suspect.approval_no",
        "suspect.meal",
    ),
    "illness": (
        "received_at",
        "occurred_at",
        "aware_at",
        "symptoms",
        "first_onset_at",
        "last_onset_at",
    ),
    "course": ("narrative", "measures"),
    "reporter": ("reporter.phone", "source", "reporter.name", "reporter.organisation"),
}
ORDER = tuple(STEPS)


@blueprint.get("/reports/new/steps")
@requires(Permission.REPORT)
def begin() -> ResponseReturnValue:
    """Mint the key of a new report and open its first step."""
    return redirect(url_for("steps.show", key=mint(), step=ORDER[0]))


@blueprint.get(f"/reports/new/{KEY}/steps/<step>")
@requires(Permission.REPORT)
def show(key: str, step: str) -> ResponseReturnValue:
    """Show one step with what was typed before."""
    writing = load(key)
    if writing.filed is not None:
        return redirect(url_for("reports.done", key=key))
    if writing.incident is not None:
        return redirect(url_for("reports.sheet", key=key))
    return _page(writing, step, {})


@blueprint.post(f"/reports/new/{KEY}/steps/<step>")
@requires(Permission.REPORT)
def send(key: str, step: str) -> ResponseReturnValue:
    """Keep the step and go to the next one, or say what is wrong in it."""
    if not writing_report.keep(key):
        return redirect(url_for("reports.done", key=key), 303)
    if "later" in request.form:
        return redirect(url_for("drafts.index"), 303)
    writing = load(key)
    wrong = {name: text for name, text in _wrong(writing).items() if name in _fields(step)}
    if wrong:
        return _page(writing, step, wrong), 422
    return redirect(_after(writing, step), 303)


def _fields(step: str) -> tuple[str, ...]:
    if step not in STEPS:
        raise NotFound
    return STEPS[step]


def _wrong(writing: Writing) -> dict[str, str]:
    try:
        writing_report.check(writing)
    except InvalidInput as error:
        return report_views.error_fields(error)
    return {}


def _after(writing: Writing, step: str) -> str:
    """Return the next step; after the last one the first that is wrong, else the second look."""
    place = ORDER.index(step) + 1
    if place < len(ORDER):
        return url_for("steps.show", key=writing.key, step=ORDER[place])
    for name in _wrong(writing):
        for other, fields in STEPS.items():
            if name in fields:
                return url_for("steps.show", key=writing.key, step=other)
    return url_for("reports.check", key=writing.key)


def _page(writing: Writing, step: str, errors: dict[str, str]) -> str:
    _fields(step)
    place = ORDER.index(step)
    values: dict[str, Any] = {
        **report_views.form_values(writing, errors),
        "step": step,
        "number": place + 1,
        "total": len(ORDER),
        "before": ORDER[place - 1] if place else None,
    }
    return render_template("reports/step.html", **values)
