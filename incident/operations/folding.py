"""Never too many messages to one telephone, and none lost: what is too much comes as one."""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.models import AlertPerson, Incident, OutgoingMessage
from incident.operations import inserting, pace
from incident.operations.delivery_states import FOLDED, HELD, QUEUED, WITHDRAWN
from incident.operations.inserting import Part
from incident.rulebook import Rulebook
from notifications.text import fold as compose
from notifications.text import segments
from workflows.plan import ChannelName

Limits = tuple[tuple[timedelta, int], ...]
_MINUTE = timedelta(minutes=1)
# design/reliability.md R12: so many within so long, to one address by one channel.
LIMITS: Mapping[str, Limits] = {
    ChannelName.SMS: ((_MINUTE, 1), (15 * _MINUTE, 5), (60 * _MINUTE, 11), (180 * _MINUTE, 21)),
    ChannelName.VOICE: ((_MINUTE, 1), (15 * _MINUTE, 3), (60 * _MINUTE, 7), (180 * _MINUTE, 15)),
}
LONGEST = 180 * _MINUTE
MOST = 60  # alerts in one message; the rest come in the next

Line = tuple[str, str, bool]  # one address by one channel, in a drill or not
Row = dict[str, Any]


def queue(session: Session, rows: Sequence[Row], *, now: datetime, is_first: bool) -> None:
    """Queue messages; what would be too much for a telephone is held, as `place` says."""
    place(session, rows, now=now, is_first=is_first)
    inserting.together(session, Part(model=OutgoingMessage, rows=rows))


def place(session: Session, rows: Sequence[Row], *, now: datetime, is_first: bool) -> None:
    """Mark what is too much for its telephone as held, to be told with others.

    The first that somebody hears of an incident is never held; `is_first` says so of all rows.
    """
    limited = [] if is_first else [row for row in rows if row["channel"] in LIMITS]
    if limited:
        past = _past(session, {row["address"] for row in limited}, now)
        told = _told(session, limited)
        for row in limited:
            _place(row, past, is_news=row["address"] not in told, now=now)


def is_due(session: Session, now: datetime) -> bool:
    """Tell whether something held may go now."""
    query = select(OutgoingMessage.id).where(
        OutgoingMessage.state == HELD,
        OutgoingMessage.due_at <= now,
        pace.goes(OutgoingMessage.drill),
    )
    return session.scalar(query.limit(1)) is not None


def release(session: Session, *, now: datetime, rules: Rulebook) -> int:
    """Queue what was held and may go now, as one message a telephone; return how many."""
    due = session.scalars(
        select(OutgoingMessage)
        .where(
            OutgoingMessage.state == HELD,
            OutgoingMessage.due_at <= now,
            pace.goes(OutgoingMessage.drill),
        )
        .order_by(OutgoingMessage.priority, OutgoingMessage.due_at)
    )
    lines = dict.fromkeys(_line(one) for one in due)
    return sum(_release(session, line, now=now, rules=rules) for line in lines)


def people_of(session: Session, message: OutgoingMessage) -> list[AlertPerson]:
    """Return the people whom a message calls: one, or those of all that was folded into it."""
    if message.alert_person_id is not None:
        return [session.get_one(AlertPerson, message.alert_person_id)]
    if not message.reason.startswith(FOLDED):
        return []
    parts = select(OutgoingMessage.alert_person_id).where(
        OutgoingMessage.folded_into_id == message.id
    )
    found = select(AlertPerson).where(AlertPerson.id.in_(parts)).order_by(AlertPerson.id)
    return list(session.scalars(found))


def room_at(limits: Limits, past: Iterable[datetime], now: datetime) -> datetime:
    """Return when the next message may go, `now` where it may go at once."""
    newest = sorted(past, reverse=True)
    moments = [newest[most - 1] + within for within, most in limits if len(newest) >= most]
    return max([now, *moments])


def _place(
    row: Row, past: dict[Line, list[OutgoingMessage | Row]], *, is_news: bool, now: datetime
) -> None:
    line = (row["address"], row["channel"], row["drill"] is not None)
    free_at = _free_at(line, past[line], now)
    if not is_news and (free_at > now or any(_state(one) == HELD for one in past[line])):
        row |= {"state": HELD, "due_at": free_at}
    past[line].append(row)


def _free_at(line: Line, past: Iterable[OutgoingMessage | Row], now: datetime) -> datetime:
    sent = [_created(one) for one in past if _state(one) != HELD]
    return room_at(LIMITS[line[1]], sent, now)


def _state(one: OutgoingMessage | Row) -> str:
    return str(one["state"]) if isinstance(one, dict) else one.state


def _created(one: OutgoingMessage | Row) -> datetime:
    moment: datetime = one["created_at"] if isinstance(one, dict) else one.created_at
    return moment


def _past(
    session: Session, addresses: Iterable[str], now: datetime
) -> dict[Line, list[OutgoingMessage | Row]]:
    """Return what went to some addresses lately, and what is held for them."""
    found = session.scalars(
        select(OutgoingMessage).where(
            OutgoingMessage.to.in_(addresses),
            OutgoingMessage.created_at > now - LONGEST,
            OutgoingMessage.state.not_in((FOLDED, WITHDRAWN)),
        )
    )
    lines: dict[Line, list[OutgoingMessage | Row]] = defaultdict(list)
    for one in found:
        lines[_line(one)].append(one)
    return lines


def _line(one: OutgoingMessage) -> Line:
    return one.to, one.channel, one.drill is not None


def _told(session: Session, rows: Sequence[Row]) -> set[str]:
    """Return the addresses that have heard of the incident before."""
    return set(
        session.scalars(
            select(OutgoingMessage.to).where(
                OutgoingMessage.incident_id.in_({row["incident_id"] for row in rows}),
                OutgoingMessage.to.in_({row["address"] for row in rows}),
            )
        )
    )


def _release(session: Session, line: Line, *, now: datetime, rules: Rulebook) -> int:
    to, channel, is_drill = line
    held = session.scalars(
        select(OutgoingMessage)
        .where(
            OutgoingMessage.state == HELD,
            OutgoingMessage.to == to,
            OutgoingMessage.channel == channel,
            OutgoingMessage.drill.is_not(None) if is_drill else OutgoingMessage.drill.is_(None),
            pace.goes(OutgoingMessage.drill),
        )
        .order_by(OutgoingMessage.id)
        .limit(MOST)
        .with_for_update(skip_locked=True)
    ).all()
    free_at = _free_at(line, _past(session, [to], now)[line], now)
    if free_at > now:
        for one in held:
            one.due_at = free_at
        return 0
    if len(held) == 1:
        held[0].state, held[0].due_at, held[0].created_at = QUEUED, now, now
        return 1
    return _as_one(session, held, now=now, rules=rules) if held else 0


def _as_one(
    session: Session, held: Sequence[OutgoingMessage], *, now: datetime, rules: Rulebook
) -> int:
    first = held[0]
    body = compose(
        _items(session, held),
        organisation=rules.organisation,
        drill=first.drill is not None,
        can_reply=first.channel == ChannelName.SMS
        and rules.can_reply(first.to, first.drill is not None),
    )
    made = OutgoingMessage(
        code=secrets.token_hex(12),
        reason=f"{FOLDED}:{first.channel}:{first.id}-{held[-1].id}",
        user_id=first.user_id,
        person=first.person,
        to=first.to,
        channel=first.channel,
        body=body,
        segments=segments(body).count,
        drill=first.drill,
        priority=min(one.priority for one in held),
        state=QUEUED,
        rank=0,
        attempts=0,
        due_at=now,
        resent=False,
        created_at=now,
        changed_at=now,
    )
    session.add(made)
    session.flush()
    for one in held:
        one.state, one.folded_into_id, one.changed_at = FOLDED, made.id, now
    return 1


def _items(session: Session, held: Sequence[OutgoingMessage]) -> list[tuple[str, str]]:
    """Return code and incident number of what is held, each once."""
    rows = session.execute(
        select(AlertPerson.code, Incident.number)
        .join(Incident, Incident.id == AlertPerson.incident_id)
        .where(AlertPerson.id.in_([one.alert_person_id for one in held]))
        .order_by(AlertPerson.id)
    )
    return [(code, number) for code, number in rows]
