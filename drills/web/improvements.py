"""The improvement ledger (改进台账): what is to be mended, by whom, and what shows that it is."""

from collections.abc import Callable, Mapping

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from drills import papers
from drills.learning import improvement_sheet, ledger, ledger_view
from drills.models import DrillFile, Improvement
from drills.web.blueprint import blueprint
from drills.web.evaluating import handed_out
from drills.web.improvement_pages import day, form_page, item_page, typed
from incident import spreadsheets
from incident.errors import Conflict, Forbidden, InvalidInput, NotFound, TocsinError
from incident.inputs.base import parse
from incident.operations.context import Context
from incident.web import uploading
from incident.web.access import BUSINESS, Permission, grants, requires, who
from incident.web.desk import services
from incident.web.language import language
from incident.web.looks import phrase

ONE = "/improvements/<number>"
Work = Callable[[Session, Context], Improvement]


@blueprint.get("/improvements")
@requires(Permission.LEARN)
def improvements() -> ResponseReturnValue:
    """Show the ledger: all, or those of a state, of mine, or that an edition answers."""
    desk = services()
    asked = request.args.get("state", "")
    edition = request.args.get("edition") or None
    with desk.reading() as session:
        rows = ledger.listed(session, edition=edition)
        found = ledger_view.lines(session, rows, day(), desk.rules)
        took_part = ledger_view.ended_with(session, who())
    mine = [one for one in found if one.row.owner_id == who().id and not one.row.closed_at]
    states = {state: [one for one in found if one.state == state] for state in ledger.STATES}
    shown = {"": found, "mine": mine, **states}.get(asked, found)
    return render_template(
        "improvements/index.html",
        lines=shown,
        asked=asked,
        edition=edition,
        took_part=took_part,
        counts={"": len(found), "mine": len(mine), **{s: len(one) for s, one in states.items()}},
        may_improve=grants(who(), Permission.IMPROVE),
    )


@blueprint.get("/improvements.xlsx")
@requires(Permission.LEARN)
def export_improvements() -> ResponseReturnValue:
    """Give the ledger as a spreadsheet."""
    desk = services()
    with desk.reading() as session:
        found = ledger_view.lines(session, ledger.listed(session), day(), desk.rules)
    sheet = improvement_sheet.sheet(found, desk.settings.organisation, day(), language())
    content = spreadsheets.write([sheet], author=who().display, now=desk.now())
    answer = Response(content, mimetype=spreadsheets.XLSX)
    answer.headers.set("Content-Disposition", "attachment", filename=f"improvements-{day()}.xlsx")
    return answer


@blueprint.get("/improvements/new")
@requires(Permission.IMPROVE)
def new_improvement() -> ResponseReturnValue:
    """Show the form; a missed expectation comes here with its words and where it was seen."""
    desk = services()
    given = typed(request.args)
    with desk.reading() as session:
        known = ledger.shown_by(session, given["drill"] or None, given["source"] or None)
    if known is not None:
        return redirect(url_for(".improvement", number=known.number))
    return form_page(given, None)


@blueprint.post("/improvements/new")
@requires(Permission.IMPROVE)
def add_improvement() -> ResponseReturnValue:
    """Enter an item."""
    desk = services()
    given = typed(request.form)
    try:
        item = parse(ledger.Item, {name: value for name, value in given.items() if value})
        with desk.transaction() as session:
            row = ledger.enter(session, item, BUSINESS, desk.context(who()))
    except (InvalidInput, Conflict) as error:
        return form_page(given, error), error.status
    flash(phrase("notices", "improvement-entered", number=row.number), "success")
    return redirect(url_for(".improvement", number=row.number), 303)


@blueprint.get(ONE)
@requires(Permission.LEARN)
def improvement(number: str) -> ResponseReturnValue:
    """Show an item and what can be done about it."""
    return item_page(number)


@blueprint.post(f"{ONE}/change")
@requires(Permission.IMPROVE)
def change_improvement(number: str) -> ResponseReturnValue:
    """Give an item another owner, date, remedy or answering edition."""
    given = {name: request.form.get(name, "").strip() for name in ledger.Change.model_fields}

    def work(session: Session, context: Context) -> Improvement:
        brought = parse(ledger.Change, {name: value for name, value in given.items() if value})
        return ledger.change(session, number, brought, BUSINESS, context)

    return _do(number, work, "improvement-changed", given)


@blueprint.post(f"{ONE}/proof")
@requires(Permission.LEARN)
@uploading.takes_files
def prove_improvement(number: str) -> ResponseReturnValue:
    """Take in what shows that an item is done, from its owner or who keeps the ledger."""
    desk = services()

    def work(session: Session, context: Context) -> Improvement:
        row = ledger.find(session, number)
        if row.owner_id != who().id and not grants(who(), Permission.IMPROVE):
            raise Forbidden("not-the-owner")
        proof = parse(ledger.Proof, {"text": request.form.get("text", "")})
        file = _file(session, context)
        return ledger.prove(session, number, proof, file, context)

    def _file(session: Session, context: Context) -> DrillFile | None:
        if not any(file.filename for file in request.files.getlist("file")):
            return None
        upload = uploading.received()[0]
        return papers.keep(session, desk.store, upload, who=context.who, now=context.now)

    return _do(number, work, "improvement-proven", {"text": request.form.get("text", "")})


@blueprint.post(f"{ONE}/refuse")
@requires(Permission.IMPROVE)
def refuse_improvement(number: str) -> ResponseReturnValue:
    """Send a proof back, saying why."""

    def work(session: Session, context: Context) -> Improvement:
        refusal = parse(ledger.Refusal, {"reason": request.form.get("reason", "")})
        return ledger.refuse(session, number, refusal, context)

    return _do(number, work, "improvement-refused", {"reason": request.form.get("reason", "")})


@blueprint.post(f"{ONE}/close")
@requires(Permission.IMPROVE)
def close_improvement(number: str) -> ResponseReturnValue:
    """Close an item whose proof holds."""

    def work(session: Session, context: Context) -> Improvement:
        return ledger.close(session, number, context)

    return _do(number, work, "improvement-closed", {})


@blueprint.get(f"{ONE}/files/<int:file>")
@requires(Permission.LEARN)
def improvement_file(number: str, file: int) -> ResponseReturnValue:
    """Hand out the file of a proof."""
    with services().reading() as session:
        row = ledger.find(session, number)
        found = session.get(DrillFile, row.file_id) if row.file_id == file else None
    if found is None:
        raise NotFound
    return handed_out(found)


def _do(number: str, work: Work, notice: str, given: Mapping[str, str]) -> ResponseReturnValue:
    desk = services()
    try:
        with desk.transaction() as session:
            work(session, desk.context(who()))
    except (InvalidInput, Conflict, Forbidden) as error:
        told: TocsinError = error
        return item_page(number, given, told), told.status
    flash(phrase("notices", notice, number=number), "success")
    return redirect(url_for(".improvement", number=number), 303)
