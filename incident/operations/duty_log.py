"""The duty log (值班日志): typed entries that are never changed, only followed by others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident import words
from incident.errors import Conflict, Forbidden, NotFound
from incident.inputs.watchkeeping import CloseInput, DayInput, LogInput
from incident.models import LogDay, LogEntry
from incident.operations import signing, timeline
from incident.operations.context import Context
from incident.operations.handover import MAY_KEEP
from workflows.lifecycle import Role

CORRECTION, CLOSING, REPORT = "correction", "closing", "report"
NEWS = ("media", "web")
URGENT = "urgent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """An entry with all that follows it. `current` is what holds: the entry or its correction."""

    root: LogEntry
    following: tuple[LogEntry, ...]

    @property
    def current(self) -> LogEntry:
        """Return the last correction, failing that the entry."""
        return next((one for one in reversed(self.corrections)), self.root)

    @property
    def corrections(self) -> tuple[LogEntry, ...]:
        """Return the corrections in their order."""
        return tuple(one for one in self.following if one.relation == CORRECTION)

    @property
    def closing(self) -> LogEntry | None:
        """Return how the promised call back was made, None while it was not."""
        return next((one for one in self.following if one.relation == CLOSING), None)

    @property
    def report(self) -> LogEntry | None:
        """Return where it became a report, None where it did not."""
        return next((one for one in self.following if one.relation == REPORT), None)

    @property
    def owes_call(self) -> bool:
        """Tell whether somebody waits for a call back."""
        return self.current.callback_due_at is not None and self.closing is None


def add(session: Session, new: LogInput, context: Context) -> LogEntry:
    """Write an entry down."""
    row = _row(session, new.model_dump(), context)
    _tell(session, row, "duty_logged", context)
    return row


def correct(session: Session, root: LogEntry, new: LogInput, context: Context) -> LogEntry:
    """Write what takes the place of an entry; the old one stays readable."""
    row = _row(session, new.model_dump(), context, root=root, relation=CORRECTION)
    _tell(session, row, "duty_log_corrected", context)
    return row


def close(session: Session, root: LogEntry, bring: CloseInput, context: Context) -> LogEntry:
    """Write that a promised call back was made; raise Conflict where none is owed."""
    now_holds = thread(session, root)
    if not now_holds.owes_call:
        raise Conflict("no-call-owed")
    told = {**_same(now_holds.current), "at": bring.at, "summary": bring.summary}
    row = _row(session, told, context, root=root, relation=CLOSING)
    _tell(session, row, "duty_log_closed", context)
    return row


def make_report(session: Session, root: LogEntry, key: str, context: Context) -> LogEntry:
    """Note under which key a report is being made of an entry; raise Conflict for a second."""
    now_holds = thread(session, root)
    if now_holds.report is not None:
        raise Conflict("report-begun")
    current = now_holds.current
    told = {**_same(current), "at": context.now, "summary": current.summary, "report_key": key}
    row = _row(session, told, context, root=root, relation=REPORT)
    _tell(session, row, "duty_log_reported", context)
    return row


def note_day(session: Session, day: date, bring: DayInput, context: Context) -> None:
    """Write the weather and the great events of a day; the newest word holds."""
    _allow(context)
    session.add(
        LogDay(
            day=day,
            weather=bring.weather,
            events=bring.events,
            entered_by=context.who.person,
            entered_name=context.who.display,
            entered_at=context.now,
        )
    )


def find(session: Session, number: int) -> LogEntry:
    """Return the entry with which a thread begins; raise NotFound."""
    row = session.get(LogEntry, number, with_for_update=True)
    if row is None or row.follows_id is not None:
        raise NotFound
    return row


def thread(session: Session, root: LogEntry) -> Thread:
    """Return an entry with what follows it."""
    return threads(session, [root])[0]


def threads(session: Session, roots: Iterable[LogEntry]) -> list[Thread]:
    """Return entries with what follows each, in the order that is given."""
    wanted = list(roots)
    query = select(LogEntry).where(LogEntry.follows_id.in_([one.id for one in wanted]))
    found: dict[int, list[LogEntry]] = {}
    for row in session.scalars(query.order_by(LogEntry.id)):
        found.setdefault(row.follows_id or 0, []).append(row)
    return [Thread(root=one, following=tuple(found.get(one.id, ()))) for one in wanted]


def owed(session: Session) -> list[Thread]:
    """Return the promised calls that nobody has made, the first due first."""
    promised = select(LogEntry.id, LogEntry.follows_id).where(LogEntry.callback_due_at.is_not(None))
    ids = {follows or id for id, follows in session.execute(promised)}
    roots = session.scalars(select(LogEntry).where(LogEntry.id.in_(ids)))
    found = [one for one in threads(session, roots) if one.owes_call]
    return sorted(found, key=lambda one: (one.current.callback_due_at, one.root.id))


def digest(row: LogEntry) -> str:
    """Return the digest of all that an entry says, its moments in UTC."""
    content = {column.key: getattr(row, column.key) for column in LogEntry.__mapper__.column_attrs}
    return signing.digest(
        {
            name: value.astimezone(UTC) if isinstance(value, datetime) else value
            for name, value in content.items()
        }
    )


def _row(
    session: Session,
    told: Mapping[str, Any],
    context: Context,
    *,
    root: LogEntry | None = None,
    relation: str | None = None,
) -> LogEntry:
    _allow(context)
    row = LogEntry(
        **told,
        follows_id=root.id if root else None,
        relation=relation,
        entered_by=context.who.person,
        entered_name=context.who.display,
        entered_at=context.now,
    )
    session.add(row)
    session.flush()
    return row


def _same(current: LogEntry) -> dict[str, Any]:
    """Return what a row that follows another has in common with it."""
    names = ("channel", "category")
    return {name: getattr(current, name) for name in names}


def _allow(context: Context) -> None:
    if not context.who.may_be(*MAY_KEEP):
        raise Forbidden("wrong-role", role=Role.DUTY_OFFICER)


def _tell(session: Session, row: LogEntry, type: str, context: Context) -> None:
    """Bind the entry to the chain by its digest; who called is nobody's business there."""
    timeline.write(
        session,
        None,
        type,
        who=context.who,
        now=context.now,
        at=row.at,
        words_for={
            "number": row.follows_id or row.id,
            "channel": words.label("log_channels", row.channel),
            "category": words.label("log_categories", row.category),
        },
        data={"log": row.id, "digest": digest(row)},
    )
