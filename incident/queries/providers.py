"""The channels as the administrator sees them: each provider, how it stands, its last tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.models import OutgoingMessage, Provider
from incident.operations import providers
from incident.operations.delivery_states import ARRIVED
from notifications.health import Standing, rests_for

TESTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One provider; `way` is how it stands in a word.

    `row` is None until an engine has written it down. `took` is how long its last delivered
    message took from us to the telephone, None when none was ever delivered.
    """

    name: str
    row: Provider | None
    standing: Standing
    way: str
    stand_in: bool
    took: timedelta | None
    took_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """A test of a provider, and what became of it."""

    at: datetime
    channel: str
    provider: str | None
    state: str
    problem: str | None
    took: timedelta | None


def shown(
    session: Session, channel: str, names: Sequence[str], *, stand_in: bool, now: datetime
) -> list[Shown]:
    """Return the providers of a channel in the order in which they are tried."""
    rows = {row.name: row for row in providers.known(session) if row.channel == channel}
    place = {name: rows[name].position if name in rows else len(rows) for name in names}
    return [
        _shown(session, channel, name, rows.get(name), stand_in=stand_in, now=now)
        for name in sorted(names, key=lambda name: place[name])
    ]


def tests(session: Session) -> list[Tested]:
    """Return the latest tests, the newest first."""
    rows = session.scalars(
        select(OutgoingMessage)
        .where(OutgoingMessage.reason.startswith(f"{providers.TEST}:"))
        .order_by(OutgoingMessage.id.desc())
        .limit(TESTS)
    )
    return [
        Tested(
            at=row.created_at,
            channel=row.channel,
            provider=row.provider,
            state=row.state,
            problem=row.problem,
            took=_took(row),
        )
        for row in rows
    ]


def _shown(
    session: Session,
    channel: str,
    name: str,
    row: Provider | None,
    *,
    stand_in: bool,
    now: datetime,
) -> Shown:
    standing = providers.standing(row) if row else Standing()
    last = _last_arrived(session, channel, name)
    return Shown(
        name=name,
        row=row,
        standing=standing,
        way=_way(row, standing, now),
        stand_in=stand_in,
        took=_took(last) if last else None,
        took_at=last.changed_at if last else None,
    )


def _way(row: Provider | None, standing: Standing, now: datetime) -> str:
    if row is not None and row.paused_at is not None:
        return "paused"
    if standing.opened_at is not None:
        return "resting" if rests_for(standing, now) else "on-trial"
    return "good" if standing.ok_at else "untried"


def _last_arrived(session: Session, channel: str, name: str) -> OutgoingMessage | None:
    return session.scalar(
        select(OutgoingMessage)
        .where(
            OutgoingMessage.provider == name,
            OutgoingMessage.channel == channel,
            OutgoingMessage.state.in_(ARRIVED),
        )
        .order_by(OutgoingMessage.id.desc())
        .limit(1)
    )


def _took(row: OutgoingMessage) -> timedelta | None:
    return row.changed_at - row.created_at if row.state in ARRIVED else None
