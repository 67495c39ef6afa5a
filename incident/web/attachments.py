"""Files of an incident: the list, taking one in, handing one out."""

from urllib.parse import quote

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from incident.errors import InvalidInput, NotFound
from incident.models import Attachment, Incident, User
from incident.operations import attachments as keeping
from incident.operations import steps
from incident.queries import conference
from incident.web import frame, showing, uploading
from incident.web.access import DESK, DRILLS, Permission, requires, who
from incident.web.desk import services
from incident.web.faults import field_words
from incident.web.looks import phrase

blueprint = Blueprint("attachments", __name__)
SANDBOX = "default-src 'none'; sandbox"


@blueprint.get("/incidents/<number>/files")
@requires(Permission.INCIDENT)
def index(number: str) -> ResponseReturnValue:
    """Show the files."""
    return _page(number)


@blueprint.post("/incidents/<number>/files")
@requires(Permission.INCIDENT)
@uploading.takes_files
def add(number: str) -> ResponseReturnValue:
    """Take files in."""
    desk = services()
    with desk.reading() as session:
        frame.look_inside(session, number)
    try:
        uploads = uploading.received()
    except InvalidInput as error:
        return _page(number, field_words(error).get("file")), 422
    with desk.transaction() as session:
        held = steps.hold(session, number)
        kept = uploading.keep(session, held, uploads, desk.context(who()))
    flash(phrase("room", "file_kept", name="、".join(file.name for file in kept)), "success")
    page = "incidents.room" if request.form.get("back") == "room" else ".index"
    return redirect(url_for(page, number=number), 303)


@blueprint.get("/incidents/<number>/files/<int:file>")
@requires(Permission.INCIDENT)
def download(number: str, file: int) -> ResponseReturnValue:
    """Hand a file out to be saved, never to be shown as a page of ours."""
    desk = services()
    with desk.reading() as session:
        incident = frame.look_inside(session, number)
        row = keeping.find(session, incident, file)
        if row.id not in {one.id for one in _readable(session, incident)}:
            raise NotFound
    content = desk.store.get(row.digest)
    return Response(
        content,
        mimetype=row.media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(row.name, safe='')}",
            "Content-Security-Policy": SANDBOX,
            "X-Content-Type-Options": "nosniff",
        },
    )


def _page(number: str, error: str | None = None) -> str:
    with services().reading() as session:
        incident = frame.look_inside(session, number)
        files = [listed(session, number, file) for file in reversed(_readable(session, incident))]
        context = frame.of(session, incident, "files")
    return render_template(
        "incidents/files.html",
        **context,
        files=files,
        error=error,
        may_add=who().may_be(*keeping.MAY_ATTACH),
    )


def listed(session: Session, number: str, file: Attachment) -> dict[str, object]:
    """Return a file as a line of a list."""
    user = session.get(User, file.added_by) if file.added_by else None
    return {
        "name": file.name,
        "url": url_for("attachments.download", number=number, file=file.id),
        "size": showing.size(file.size),
        "by": user.display if user else "-",
        "at": file.added_at,
        "digest": file.digest,
        "note": None,
    }


def _readable(session: Session, incident: Incident) -> list[Attachment]:
    """Return the files for this person: an expert sees what his consultation froze, and his own."""
    files = keeping.of(session, incident.id)
    if who().may_be(*DESK, *DRILLS):
        return files
    frozen = conference.may_read_files(session, incident.id, who())
    return [file for file in files if file.id in frozen or file.added_by == who().id]
