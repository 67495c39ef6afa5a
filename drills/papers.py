"""Files of evaluators and of the ledger: their bytes are in the store, their rows no incident's."""

from datetime import datetime

from sqlalchemy.orm import Session

from drills.models import DrillFile
from incident.store import Store
from incident.uploads import Upload
from incident.who import Who


def keep(session: Session, store: Store, upload: Upload, *, who: Who, now: datetime) -> DrillFile:
    """Keep a file that was looked at; its bytes go into the store first."""
    row = DrillFile(
        digest=store.put(upload.content),
        name=upload.name,
        media_type=upload.media_type,
        size=len(upload.content),
        added_by=who.person,
        added_at=now,
    )
    session.add(row)
    session.flush()
    return row
