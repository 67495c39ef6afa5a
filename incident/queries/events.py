"""The event log as those outside see it: in order of seq, without personal data."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident import words
from incident.models import ChainHead, Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One entry as it is pushed: `text` names what happened; the words stand on the page."""

    seq: int
    incident: str | None
    type: str
    at: str
    text: str
    drill: bool

    def as_dict(self) -> dict[str, object]:
        """Return the event as the contract has it."""
        return asdict(self)


def of_entry(entry: Entry) -> Event:
    """Return the event of an entry."""
    return Event(
        seq=entry.seq,
        incident=entry.incident,
        type=entry.type,
        at=entry.at.isoformat(),
        text=words.label("entries", entry.type),
        drill=entry.drill is not None,
    )


def drill_of(entry: Entry) -> str | None:
    """Return the drill that an entry is about, of one of its incidents or of the drill itself."""
    told = None if entry.incident else entry.data.get("drill")
    return entry.drill or (told if isinstance(told, str) else None)


def drill_room(drill: str) -> str:
    """Return the room of who watches a drill: it hears that there is news, and not which."""
    return f"drill:{drill}"


def head(session: Session) -> int:
    """Return the seq of the last entry."""
    return session.scalar(select(ChainHead.seq)) or 0


def after(
    session: Session, seq: int, *, incident: str | None = None, limit: int
) -> Sequence[Entry]:
    """Return the entries after a seq, of one incident or of all, in order."""
    query = select(Entry).where(Entry.seq > seq).order_by(Entry.seq).limit(limit)
    if incident is not None:
        query = query.where(Entry.incident == incident)
    return session.scalars(query).all()
