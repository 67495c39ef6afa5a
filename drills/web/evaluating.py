"""The evaluators' sheet: one touch a criterion, kept at once; beside it what was measured."""

from urllib.parse import quote

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from drills import papers, participants, runs
from drills.learning import judging, marks
from drills.learning.scoring import MARKS
from drills.models import DrillFile
from drills.participants import CONTROLLER, EVALUATOR
from drills.web import learning_frame
from drills.web.blueprint import blueprint
from incident.errors import FieldError, InvalidInput
from incident.inputs.base import parse
from incident.uploads import PICTURES, Upload
from incident.web import uploading
from incident.web.access import Permission, requires, who
from incident.web.attachments import SANDBOX
from incident.web.desk import services
from incident.web.faults import field_words

Wrong = tuple[str, int, str]


@blueprint.get("/drills/<key>/evaluate")
@requires(Permission.DRILL)
def evaluate(key: str) -> ResponseReturnValue:
    """Show the sheet."""
    return _page(key)


@blueprint.post("/drills/<key>/evaluate/<objective>/<int:place>")
@requires(Permission.DRILL)
@uploading.takes_files
def mark(key: str, objective: str, place: int) -> ResponseReturnValue:
    """Keep what an evaluator says of one criterion."""
    desk = services()
    with desk.reading() as session:
        participants.require(session, runs.find(session, key), who(), EVALUATOR)
    try:
        remark = parse(marks.Remark, {"note": request.form.get("note", "")})
        photo = _photo()
        with desk.transaction() as session:
            run = runs.hold(session, key)
            participants.require(session, run, who(), EVALUATOR)
            now = desk.now()
            file = papers.keep(session, desk.store, photo, who=who(), now=now) if photo else None
            marks.give(
                session,
                key,
                objective,
                place,
                request.form.get("mark", ""),
                note=remark.note or None,
                file=file,
                who=who(),
                now=now,
            )
    except InvalidInput as error:
        text = next(iter(field_words(error).values()))
        return _page(key, (objective, place, text)), error.status
    return redirect(url_for(".evaluate", key=key, _anchor=f"{objective}-{place}"), 303)


@blueprint.get("/drills/<key>/files/<int:file>")
@requires(Permission.DRILL)
def mark_file(key: str, file: int) -> ResponseReturnValue:
    """Hand out an evaluator's photo."""
    desk = services()
    with desk.reading() as session:
        run = runs.find(session, key)
        participants.require(session, run, who(), EVALUATOR, CONTROLLER)
        sees_all = learning_frame.seat(session, run).directs
        row = marks.photo(session, run, file, who(), sees_all=sees_all)
    return handed_out(row)


def handed_out(row: DrillFile) -> Response:
    """Return a file to be saved, never to be shown as a page of ours."""
    return Response(
        services().store.get(row.digest),
        mimetype=row.media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(row.name, safe='')}",
            "Content-Security-Policy": SANDBOX,
            "X-Content-Type-Options": "nosniff",
        },
    )


def _page(key: str, wrong: Wrong | None = None) -> str:
    desk = services()
    now = desk.now()
    with desk.reading() as session:
        run = runs.find(session, key)
        participants.require(session, run, who(), EVALUATOR, CONTROLLER)
        seat = learning_frame.seat(session, run)
        parts = marks.sheet(session, run, who(), sees_all=seat.directs)
        measured = judging.measure(session, run, now)
        context = learning_frame.of(session, run, seat, "evaluate", now)
    lines = [line for part in parts for line in part.lines]
    return render_template(
        "drill_results/evaluate.html",
        **context,
        parts=parts,
        measured={
            part.objective.id: [
                one for one in measured if one.expectation.objective == part.objective.id
            ]
            for part in parts
        },
        marks=MARKS,
        given=sum(line.own is not None for line in lines),
        asked=len(lines),
        differing=sum(line.spread > 0 for line in lines),
        wrong=wrong,
        typed=request.form.get("note", "") if wrong else "",
    )


def _photo() -> Upload | None:
    """Return the photo that came along; raise InvalidInput for what is no picture."""
    if not any(file.filename for file in request.files.getlist("file")):
        return None
    upload = uploading.received()[0]
    if upload.media_type not in PICTURES:
        raise InvalidInput([FieldError("file", "not-a-picture")])
    return upload
