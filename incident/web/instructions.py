"""Instructions under supervision: the list, one of them, and its steps to the end."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from incident.errors import Conflict, Forbidden, InvalidInput, NotFound, TocsinError
from incident.inputs.base import parse
from incident.inputs.instructions import InstructionClosing, InstructionReport, InstructionReturn
from incident.models import Incident, Instruction
from incident.operations import instructions as doing
from incident.operations import steps, tasks
from incident.queries import instructions as listed
from incident.queries import scope
from incident.web import frame, uploading
from incident.web.access import Permission, requires, who
from incident.web.attachments import listed as file_line
from incident.web.desk import services
from incident.web.faults import error_words, field_words
from incident.web.looks import phrase

blueprint = Blueprint("instructions", __name__)


@blueprint.get("/instructions")
@requires(Permission.DESK)
def index() -> ResponseReturnValue:
    """Show the instructions behind a filter, or of one incident, the overdue ones first."""
    desk = services()
    only, number = request.args.get("only", ""), request.args.get("number", "")
    only = only if only in listed.FILTERS else ""
    with desk.reading() as session:
        if number:
            incident = scope.incident(session, number, who())
            lines = listed.of_incident(session, incident.id, who(), desk.now())
        else:
            lines = listed.lines(session, who(), desk.now(), only=only)
        counts = listed.counts(session, who(), desk.now())
    return render_template(
        "instructions/index.html",
        lines=lines,
        counts=counts,
        only=only,
        number=number,
        filters=listed.FILTERS,
        open_count=counts[listed.OPEN] + counts[listed.REPORTED],
    )


@blueprint.get("/instructions/<instruction>")
@requires(Permission.DESK)
def show(instruction: str) -> ResponseReturnValue:
    """Show one instruction with what can be done about it."""
    return _page(instruction)


@blueprint.post("/instructions/<instruction>/report")
@requires(Permission.TASK)
@uploading.takes_files
def report(instruction: str) -> ResponseReturnValue:
    """Report it done, with files if there are any."""
    desk = services()
    try:
        uploads = uploading.received() if _has_files() else []
        bring = parse(InstructionReport, _note())
        with desk.transaction() as session:
            given, incident = _held(session, instruction)
            tasks.allow(incident, who())
            kept = uploading.keep(session, incident, uploads, desk.context(who()))
            with_files = bring.model_copy(update={"evidence": tuple(file.id for file in kept)})
            doing.report(session, incident, given, with_files, desk.context(who()))
    except (InvalidInput, Conflict) as error:
        return _page(instruction, error), error.status
    return _done(instruction, "reported")


@blueprint.post("/instructions/<instruction>/close")
@requires(Permission.DESK)
def close(instruction: str) -> ResponseReturnValue:
    """Close it: who gave it says that it is done."""
    try:
        bring = parse(InstructionClosing, _note())
        with services().transaction() as session:
            given, incident = _held(session, instruction)
            doing.close(session, incident, given, bring, services().context(who()))
    except (InvalidInput, Conflict, Forbidden) as error:
        return _page(instruction, error), error.status
    return _done(instruction, "closed")


@blueprint.post("/instructions/<instruction>/return")
@requires(Permission.DESK)
def send_back(instruction: str) -> ResponseReturnValue:
    """Send it back to its owner."""
    try:
        bring = parse(InstructionReturn, _note())
        with services().transaction() as session:
            given, incident = _held(session, instruction)
            doing.send_back(session, incident, given, bring, services().context(who()))
    except (InvalidInput, Conflict, Forbidden) as error:
        return _page(instruction, error), error.status
    return _done(instruction, "returned")


def _held(session: Session, number: str) -> tuple[Instruction, Incident]:
    given = doing.find(session, number)
    held = steps.hold(session, session.get_one(Incident, given.incident_id).number)
    session.refresh(given)
    return given, held


def _note() -> Mapping[str, Any]:
    note = request.form.get("note", "").strip()
    return {"note": note} if note else {}


def _has_files() -> bool:
    return any(file.filename for file in request.files.getlist("file"))


def _done(number: str, what: str) -> ResponseReturnValue:
    flash(phrase("instruction_pages", what, number=number), "success")
    return redirect(url_for(".show", instruction=number), 303)


def _page(number: str, error: TocsinError | None = None) -> str:
    desk = services()
    with desk.reading() as session:
        line = listed.one(session, number, who(), desk.now())
        if line is None:
            raise NotFound
        files = [file_line(session, line.incident, row) for row in listed.evidence(session, line)]
        given = doing.find(session, number)
        may_close = doing.is_giver(session, given, desk.context(who()))
        of_drill = frame.drill_of(session, line.drill)
    wrong = field_words(error) if isinstance(error, InvalidInput) else {}
    return render_template(
        "instructions/show.html",
        **of_drill,
        line=line,
        files=files,
        may_report=who().may_be(*tasks.MAY_CHANGE),
        may_close=may_close,
        errors=wrong,
        problem=error_words(error) if error and not wrong else None,
        typed=request.form.get("note", ""),
        step=request.path.rsplit("/", 1)[-1],
    )
