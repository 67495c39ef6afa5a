"""Attach a file to an incident; its bytes are in the store already."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.crashpoints import crashpoint
from incident.errors import Forbidden, NotFound
from incident.models import Attachment, Incident
from incident.operations import timeline
from incident.operations.context import Context
from incident.uploads import Upload
from workflows.lifecycle import Role

MAY_ATTACH = (
    Role.DUTY_OFFICER,
    Role.DUTY_LEADER,
    Role.COMMANDER,
    Role.GROUP_MEMBER,
    Role.EXPERT,
    Role.CHAIR,
    Role.REPORTER,
)


def attach(
    session: Session, incident: Incident, upload: Upload, digest: str, context: Context
) -> Attachment:
    """Add the row of a file that the store holds under `digest`."""
    if not context.who.may_be(*MAY_ATTACH):
        raise Forbidden("wrong-role", role=Role.GROUP_MEMBER)
    crashpoint("upload.after_file")
    row = Attachment(
        incident_id=incident.id,
        digest=digest,
        name=upload.name,
        media_type=upload.media_type,
        size=len(upload.content),
        added_by=context.who.id,
        added_at=context.now,
    )
    session.add(row)
    session.flush()
    timeline.write(
        session,
        incident,
        "attached",
        who=context.who,
        now=context.now,
        words_for={"name": upload.name},
        data={"attachment": row.id, "sha256": digest, "size": row.size},
    )
    return row


def of(session: Session, incident_id: int) -> list[Attachment]:
    """Return the files of an incident."""
    return list(
        session.scalars(
            select(Attachment).where(Attachment.incident_id == incident_id).order_by(Attachment.id)
        )
    )


def find(session: Session, incident: Incident, attachment_id: int) -> Attachment:
    """Return one file of this incident; raise NotFound."""
    row = session.get(Attachment, attachment_id)
    if row is None or row.incident_id != incident.id:
        raise NotFound
    return row
