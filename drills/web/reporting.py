"""The after-action report: its free parts, its issue, and the PDF."""

import json
from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from drills import participants, runs
from drills.learning import after_action_document, after_actions, ledger, washes
from drills.learning import result as results
from drills.learning.after_action_document import Issue
from drills.models import DrillRun
from drills.participants import CONTROLLER
from drills.web import learning_frame, printing
from drills.web.blueprint import blueprint
from incident.documents import OfficialDocument, from_json, to_json
from incident.errors import InvalidInput
from incident.inputs.base import parse
from incident.web.access import Permission, requires, who
from incident.web.attachments import SANDBOX
from incident.web.desk import services
from incident.web.faults import field_words
from incident.web.looks import label, phrase


@blueprint.get("/drills/<key>/report")
@requires(Permission.DIRECT)
def report(key: str) -> ResponseReturnValue:
    """Show the free parts of the report beside what was measured and said."""
    return _page(key)


@blueprint.post("/drills/<key>/report")
@requires(Permission.DIRECT)
def write_report(key: str) -> ResponseReturnValue:
    """Keep the free parts."""
    desk = services()
    raw = {name: request.form.get(name, "") for name in after_actions.PARTS}
    try:
        parts = parse(after_actions.FreeParts, raw)
    except InvalidInput as error:
        return _page(key, raw, field_words(error)), error.status
    with desk.transaction() as session:
        participants.require(session, runs.find(session, key), who(), CONTROLLER)
        after_actions.write(session, key, parts, who=who(), now=desk.now())
    flash(phrase("notices", "after-action-kept"), "success")
    return redirect(url_for(".report", key=key), 303)


@blueprint.get("/drills/<key>/report/issue")
@requires(Permission.DIRECT)
def ask_issue(key: str) -> ResponseReturnValue:
    """Ask once more before the report is issued for good."""
    desk = services()
    with desk.reading() as session:
        run = runs.find(session, key)
        participants.require(session, run, who(), CONTROLLER)
        context = learning_frame.of(
            session, run, learning_frame.seat(session, run), "report", desk.now()
        )
        found = results.result(session, run, desk.now())
    return render_template("drill_results/issue.html", **context, score=found.score)


@blueprint.post("/drills/<key>/report/issue")
@requires(Permission.DIRECT)
def issue_report(key: str) -> ResponseReturnValue:
    """Issue the report on the facts of now; it stays so."""
    desk = services()
    context = desk.context(who())
    with desk.transaction() as session:
        run = runs.hold(session, key)
        participants.require(session, run, who(), CONTROLLER)
        after_actions.require_ready(session, run)
        number = after_actions.take_number(session, desk.rules, context.now)
        issue = Issue(number=number, at=context.now, signer=who().display)
        found = results.result(session, run, context.now)
        document = after_action_document.build(session, found, context, issue)
        plain = json.loads(to_json(document))
        after_actions.issue(session, run, number, plain, who=who(), now=context.now)
    flash(phrase("notices", "after-action-issued", number=number), "success")
    return redirect(url_for(".report", key=key), 303)


@blueprint.get("/drills/<key>/report.pdf")
@requires(Permission.LEARN)
def report_pdf(key: str) -> ResponseReturnValue:
    """Print the report: once issued for all who may see the result, as a draft for the director."""
    desk = services()
    with desk.reading() as session:
        run = runs.find(session, key)
        learning_frame.seat_after(session, run)
        document = _document(session, run)
        name = after_actions.file_name(run, after_actions.of(session, run))
    answer = printing.answer(document, name)
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _document(session: Session, run: DrillRun) -> OfficialDocument:
    row = after_actions.of(session, run)
    if row is not None and row.document is not None:
        return from_json(json.dumps(row.document).encode())
    participants.require(session, run, who(), CONTROLLER)
    context = services().context(who())
    found = results.result(session, run, context.now)
    return after_action_document.build(session, found, context, None)


def _page(
    key: str, values: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None
) -> str:
    desk = services()
    with desk.reading() as session:
        run = runs.find(session, key)
        participants.require(session, run, who(), CONTROLLER)
        seat = learning_frame.seat(session, run)
        context = learning_frame.of(session, run, seat, "report", desk.now())
        found = results.result(session, run, desk.now())
        heard = washes.of_run(session, run)
        items = ledger.of_run(session, run)
        row = after_actions.of(session, run)
    wrong = errors or {}
    stored = {name: (getattr(row, name) if row else None) or "" for name in after_actions.PARTS}
    return render_template(
        "drill_results/report.html",
        **context,
        result=found,
        heard={question: said for question, said in heard.items() if said},
        items=items,
        parts=after_actions.PARTS,
        values=values or stored,
        errors=wrong,
        summary=[
            (name, f"{label('learning', f'report_{name}')} {text}") for name, text in wrong.items()
        ],
        file_name=after_actions.file_name(run, row),
    )
