"""Files that come in by a form: how large they may be, and how one is kept."""

from flask import current_app, request
from sqlalchemy.orm import Session

from incident.errors import FieldError, InvalidInput
from incident.models import Attachment, Incident
from incident.operations import attachments
from incident.operations.context import Context
from incident.uploads import LARGEST, Upload, inspect
from incident.web.access import View
from incident.web.desk import services

ROOM_FOR_FIELDS = 64 * 1024
TAKES_FILES = "_tocsin_takes_files"
MANY = 10


def takes_files(view: View) -> View:
    """Declare that a route takes files, whose forms may be larger than others."""
    setattr(view, TAKES_FILES, True)
    return view


def widen() -> None:
    """Let a request to such a route be as large as its largest file."""
    view = current_app.view_functions.get(request.endpoint or "")
    if view is not None and getattr(view, TAKES_FILES, False):
        request.max_content_length = LARGEST + ROOM_FOR_FIELDS


def received(name: str = "file") -> list[Upload]:
    """Return the files of a form, looked at; raise InvalidInput when there is none."""
    files = [file for file in request.files.getlist(name) if file.filename]
    if not files:
        raise InvalidInput([FieldError(name, "required")])
    if len(files) > MANY:
        raise InvalidInput([FieldError(name, "too-many", {"max_length": MANY})])
    return [inspect(file.filename or "", file.stream.read()) for file in files]


def keep(
    session: Session, incident: Incident, uploads: list[Upload], context: Context
) -> list[Attachment]:
    """Attach files to an incident; their bytes go into the store first."""
    store = services().store
    return [
        attachments.attach(session, incident, upload, store.put(upload.content), context)
        for upload in uploads
    ]
