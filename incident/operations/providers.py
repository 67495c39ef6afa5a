"""The providers of the channels: how they stand, in which order, which is paused, a test of one."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident import words
from incident.errors import Conflict, NotFound
from incident.models import OutgoingMessage, Provider, User
from incident.operations import timeline
from incident.operations.delivery_states import QUEUED
from incident.operations.oncall import GROUP
from incident.rulebook import Rulebook
from incident.who import Who
from notifications.health import Standing
from notifications.text import Purpose, compose, segments

TEST = "provider-test"
PRIORITY_TEST = 9
STANDING = tuple(field.name for field in fields(Standing))

Names = Mapping[str, Sequence[str]]  # the providers of each channel, as they are set up
Standings = Mapping[tuple[str, str], Standing]


def known(session: Session) -> list[Provider]:
    """Return every provider that the table knows, in order."""
    return list(session.scalars(select(Provider).order_by(Provider.channel, Provider.position)))


def standing(row: Provider) -> Standing:
    """Return how a provider stands."""
    return Standing(**{name: getattr(row, name) for name in STANDING})


def write(session: Session, names: Names, news: Standings) -> None:
    """Write down how providers stand; one that is new comes after those of its channel."""
    rows = {(row.channel, row.name): row for row in known(session)}
    for channel, providers in names.items():
        for name in providers:
            if (channel, name) not in rows:
                rows[channel, name] = _new(session, channel, name, position=len(rows))
    for key, told in news.items():
        for field in STANDING:
            setattr(rows[key], field, getattr(told, field))


def note_balance(session: Session, key: tuple[str, str], balance: int, *, now: datetime) -> None:
    """Write down how many messages are still paid for."""
    row = find(session, *key)
    row.balance, row.balance_at = balance, now


def find(session: Session, channel: str, name: str) -> Provider:
    """Return a provider; raise NotFound."""
    row = session.scalar(select(Provider).where(Provider.channel == channel, Provider.name == name))
    if row is None:
        raise NotFound
    return row


def raise_one(
    session: Session, row: Provider, *, among: Sequence[str], who: Who, now: datetime
) -> None:
    """Put a provider one place forward among those that are set up; the first stays."""
    peers = [one for one in known(session) if one.channel == row.channel and one.name in among]
    place = peers.index(row)
    if place:
        before = peers[place - 1]
        row.position, before.position = before.position, row.position
        _tell(session, "provider_raised", row, who=who, now=now)


def pause(
    session: Session,
    row: Provider,
    *,
    among: Sequence[str],
    last_too: bool,
    who: Who,
    now: datetime,
) -> None:
    """Take a provider out; raise Conflict when it is the last one and `last_too` is not said."""
    if not others(session, row, among=among) and not last_too:
        raise Conflict("last-provider")
    row.paused_at = now
    _tell(session, "provider_paused", row, who=who, now=now)


def resume(session: Session, row: Provider, *, who: Who, now: datetime) -> None:
    """Let a provider be tried again, at once and without a rest."""
    row.paused_at = row.opened_at = None
    row.failures = 0
    _tell(session, "provider_resumed", row, who=who, now=now)


def others(session: Session, row: Provider, *, among: Sequence[str]) -> list[Provider]:
    """Return what else of its channel is set up and not paused."""
    return [
        one
        for one in known(session)
        if one.channel == row.channel
        and one.name in among
        and one.paused_at is None
        and one.id != row.id
    ]


def send_test(
    session: Session, row: Provider, user: User, *, rules: Rulebook, who: Who, now: datetime
) -> OutgoingMessage:
    """Queue a message by this provider alone to whoever asks; raise Conflict without address."""
    to = _own_address(user, row.channel)
    if not to:
        raise Conflict("no-own-address")
    body = compose(Purpose.TEST, organisation=rules.organisation, drill=False)
    message = OutgoingMessage(
        code=secrets.token_hex(12),
        reason=f"{TEST}:{row.channel}:{row.name}:{user.id}:{secrets.token_hex(6)}",
        user_id=user.id,
        person=user.display,
        to=to,
        channel=row.channel,
        provider=row.name,
        body=body,
        segments=segments(body).count,
        priority=PRIORITY_TEST,
        state=QUEUED,
        rank=0,
        attempts=0,
        due_at=now,
        resent=False,
        created_at=now,
        changed_at=now,
    )
    session.add(message)
    _tell(session, "provider_tested", row, who=who, now=now)
    return message


def _own_address(user: User, channel: str) -> str | None:
    """Return where a test goes: the person's own telephone or mail, or the group."""
    return {"mail": user.mail, "robot": GROUP}.get(channel, user.phone)


def _new(session: Session, channel: str, name: str, *, position: int) -> Provider:
    row = Provider(channel=channel, name=name, position=position, recent="", failures=0)
    session.add(row)
    return row


def _tell(session: Session, type: str, row: Provider, *, who: Who, now: datetime) -> None:
    timeline.write(
        session,
        None,
        type,
        who=who,
        now=now,
        words_for={
            "channel": words.label("channels", row.channel),
            "name": words.label("providers", row.name),
        },
        data={"channel": row.channel, "provider": row.name},
    )
