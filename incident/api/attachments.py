"""Files that belong to an incident: list, attach, fetch."""

from dataclasses import dataclass
from urllib.parse import quote

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from incident import uploads
from incident.api import answering, finding, reading, writing
from incident.api.answers import Moment
from incident.api.asking import Listing, part
from incident.api.contract import PREFIX, Match, Scope, operation
from incident.errors import FieldError, InvalidInput, NotFound, UnsupportedMedia
from incident.models import Attachment
from incident.operations import attachments
from incident.queries.conference import may_read_files
from incident.queries.scope import DESK_ROLES, DRILL_ROLES, EXPERT_ROLES
from incident.uploads import Upload
from incident.web.access import Permission, requires, who
from incident.web.desk import services
from incident.web.uploading import takes_files

blueprint = Blueprint("api_attachments", __name__, url_prefix=PREFIX)
ALL = "/incidents/<number>/attachments"
SANDBOX = "sandbox; default-src 'none'"
MULTIPART = "multipart/form-data"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentAnswer:
    """A file; its kind is what its bytes are, whatever its name says."""

    id: int
    name: str
    media_type: str
    size: int
    sha256: str
    added_at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachments:
    """A part of the files, in the order in which they came."""

    items: tuple[AttachmentAnswer, ...]
    next: str | None


@blueprint.get(ALL)
@requires(Permission.INCIDENT)
@operation("List the files of an incident.", query=Listing, answer=Attachments)
def index(number: str) -> Response:
    asked = reading.query(Listing)
    with services().reading() as session:
        rows = _readable(session, finding.incident(session, number).id)
    shown, following = part(rows, asked)
    return answering.respond(
        Attachments(items=tuple(_answer(row) for row in shown), next=following)
    )


@blueprint.post(ALL)
@requires(Permission.INCIDENT)
@operation(
    "Attach a file, as the field `file` of a form: JPEG, PNG, PDF, DOCX, XLSX or text, 25 MB.",
    scope=Scope.REPORT,
    upload=True,
    answer=AttachmentAnswer,
    status=201,
    match=Match.OPTIONAL,
    changes=True,
    problems=(409,),
)
@takes_files
def attach(number: str) -> Response:
    version = reading.seen_version(required=False)
    context = services().context(who())
    upload = _upload()
    digest = services().store.put(upload.content)

    def work(session: Session) -> AttachmentAnswer:
        incident = writing.held(session, number, context.who, version)
        return _answer(attachments.attach(session, incident, upload, digest, context))

    return writing.change({"name": upload.name, "sha256": digest}, work)


@blueprint.get(ALL + "/<int(max=2147483647):attachment>")
@requires(Permission.INCIDENT)
@operation("Fetch the bytes of a file.", media="*/*")
def fetch(number: str, attachment: int) -> Response:
    with services().reading() as session:
        incident = finding.incident(session, number)
        row = attachments.find(session, incident, attachment)
        if row.id not in {one.id for one in _readable(session, incident.id)}:
            raise NotFound
    response = Response(services().store.get(row.digest), mimetype=row.media_type)
    response.headers["Content-Disposition"] = disposition(row.name)
    response.headers["Content-Security-Policy"] = SANDBOX
    return response


def disposition(name: str) -> str:
    """Return the header that saves a file under its name, in any script (RFC 6266)."""
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"


def _readable(session: Session, incident_id: int) -> list[Attachment]:
    """Return the files that the caller may read.

    The desk reads all; an expert what was put before him, a reporting unit what it sent.
    """
    rows = attachments.of(session, incident_id)
    person = who()
    if person.may_be(*DESK_ROLES, *DRILL_ROLES):
        return rows
    asked = may_read_files(session, incident_id, person) if person.may_be(*EXPERT_ROLES) else ()
    return [row for row in rows if row.id in asked or row.added_by == person.id]


def _upload() -> Upload:
    if request.mimetype != MULTIPART:
        raise UnsupportedMedia("send-a-form")
    file = request.files.get("file")
    if file is None:
        raise InvalidInput([FieldError("file", "required")])
    return uploads.inspect(file.filename or "", file.read())


def _answer(row: Attachment) -> AttachmentAnswer:
    return AttachmentAnswer(
        id=row.id,
        name=row.name,
        media_type=row.media_type,
        size=row.size,
        sha256=row.digest,
        added_at=row.added_at,
    )
