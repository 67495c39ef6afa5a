"""The roster as a spreadsheet: out, to be filled in, and in again."""

import json
from collections.abc import Sequence

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import TypeAdapter, ValidationError

from incident import roster_sheets, spreadsheets
from incident.errors import FieldError, InvalidInput
from incident.inputs import roster_table
from incident.operations import roster_import
from incident.queries import roster as listed
from incident.web import roster_forms
from incident.web.access import Permission, requires, who
from incident.web.desk import services
from incident.web.faults import field_words
from incident.web.language import language
from incident.web.looks import phrase

blueprint = Blueprint("roster_files", __name__, url_prefix="/roster")
LARGEST = 1_000_000
Rows = list[list[str]]
SHOWN = TypeAdapter(Rows)


@blueprint.get("/month.xlsx")
@requires(Permission.ROSTER)
def export() -> ResponseReturnValue:
    """Give a month as a spreadsheet; its second sheet can be changed and brought back."""
    desk, now = services(), services().now()
    first = roster_forms.month(request.args.get("month", ""), desk.rules.day(now))
    with desk.reading() as session:
        month = listed.month(session, first, desk.rules, now)
    sheets = roster_sheets.sheets(month, desk.settings.organisation, language())
    content = spreadsheets.write(sheets, author=who().display, now=now)
    answer = Response(content, mimetype=spreadsheets.XLSX)
    answer.headers.set("Content-Disposition", "attachment", filename=f"roster-{first:%Y-%m}.xlsx")
    return answer


@blueprint.get("/import")
@requires(Permission.ROSTER_EDIT)
def form() -> ResponseReturnValue:
    """Show the form for a spreadsheet."""
    return _page()


@blueprint.post("/import")
@requires(Permission.ROSTER_EDIT)
def take() -> ResponseReturnValue:
    """Look through a spreadsheet; take it in only when told to, and only when all is right."""
    desk = services()
    try:
        rows = _rows()
        table = roster_table.read(rows)
    except InvalidInput as error:
        return _page(errors=field_words(error)), error.status
    if request.form.get("step") != "import":
        with desk.reading() as session:
            checked = roster_import.check(session, table, desk.context(who()))
        return _page(checked=checked, rows=rows), 422 if checked.wrong else 200
    with desk.transaction() as session:
        checked = roster_import.check(session, table, desk.context(who()))
        is_good = bool(checked.changes) and not checked.wrong
        if is_good:
            roster_import.take(session, checked, desk.context(who()))
    if not is_good:
        return _page(checked=checked, rows=rows), 422
    flash(phrase("notices", "roster-imported", count=len(checked.changes)), "success")
    return redirect(url_for("roster.index"), 303)


def _rows() -> Rows:
    """Return the rows that were sent, as a spreadsheet or from the page that showed them."""
    if (text := request.form.get("rows")) is not None:
        return _shown(text)
    sent = request.files.get("file")
    content = sent.stream.read(LARGEST + 1) if sent else b""
    if len(content) > LARGEST:
        limit = LARGEST // 1_000_000
        raise InvalidInput([FieldError("file", "file-too-large", {"limit": limit})])
    return roster_table.pick(spreadsheets.read(sent.filename or "" if sent else "", content))


def _shown(text: str) -> Rows:
    """Return the rows of the page; what was meddled with is refused."""
    try:
        return SHOWN.validate_json(text)
    except ValidationError as error:
        raise InvalidInput([FieldError("file", "not-xlsx")]) from error


def _page(
    *,
    checked: roster_import.Checked | None = None,
    rows: Sequence[Sequence[str]] = (),
    errors: dict[str, str] | None = None,
) -> str:
    wrong = checked.wrong if checked else ()
    return render_template(
        "roster/import.html",
        checked=checked,
        rows=json.dumps([list(row) for row in rows], ensure_ascii=False),
        wrong=[(one.row, *field_words(InvalidInput([one.error])).popitem()) for one in wrong],
        errors=errors or {},
        heads=roster_table.heads(language()),
    )
