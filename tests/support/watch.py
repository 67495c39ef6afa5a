"""The watch handed over in tests, by its operations."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from incident.clock import FrozenClock
from incident.inputs.base import parse
from incident.inputs.watchkeeping import LogInput, SignInput, TakeInput
from incident.models import HandoverItem
from incident.operations import duty_log, handover, relief
from incident.operations.relief import Change
from incident.queries.packet import packet
from incident.services import Services
from incident.who import Who
from tests.support.desk import PASSWORD


def change_of(services: Services, now: datetime | None = None) -> Change:
    """Return the change that a handover of the first post is about, if there is any post."""
    with services.reading() as session:
        post = next(iter(relief.posts(session)), None)
        return relief.next_change(session, post, now or services.now(), services.rules)


def make_entry(services: Services, who: Who, **changes: Any) -> int:
    """Write an entry of the duty log; return its number."""
    usual = {
        "at": services.now(),
        "channel": "phone",
        "category": "urgent",
        "caller": "示例来电人",
        "organisation": "示例单位",
        "phone": "0571-0000",
        "summary": "午饭后多人呕吐",
        "callback_due_at": services.now() + timedelta(hours=1),
    }
    new = LogInput(**{**usual, **changes})
    with services.transaction() as session:
        return duty_log.add(session, new, services.context(who)).id


def begin(services: Services, who: Who, *, now: datetime | None = None) -> int:
    """Open the packet of the first post; return its number."""
    desk, change = _at(services, now), change_of(services, now)
    with desk.transaction() as session:
        told = packet(session, change.began_at, desk.now())
        return handover.begin(session, change, told, desk.context(who)).id


def sign(
    services: Services,
    number: int,
    who: Who,
    *,
    password: str | None = PASSWORD,
    now: datetime | None = None,
    **brought: Any,
) -> None:
    """Sign as who leaves."""
    desk = _at(services, now)
    bring = parse(SignInput, {**brought, "password": password})
    with desk.transaction() as session:
        handover.sign(session, handover.hold(session, number), bring, desk.context(who))


def take(
    services: Services,
    number: int,
    who: Who,
    *,
    password: str = PASSWORD,
    now: datetime | None = None,
) -> str:
    """Take every item; return the state of the handover."""
    every = [one.id for one in items_of(services, number)]
    return decide(services, number, who, accepted=every, reasons={}, password=password, now=now)


def decide(
    services: Services,
    number: int,
    who: Who,
    *,
    accepted: Iterable[int],
    reasons: Mapping[int, str],
    password: str = PASSWORD,
    now: datetime | None = None,
) -> str:
    """Take some items and not others; return the state of the handover."""
    desk = _at(services, now)
    raw = {"accepted": list(accepted), "reasons": dict(reasons), "password": password}
    with desk.transaction() as session:
        row = handover.hold(session, number)
        handover.take(session, row, parse(TakeInput, raw), desk.context(who))
        return row.state


def items_of(services: Services, number: int) -> list[HandoverItem]:
    """Return the items of a signed handover."""
    with services.reading() as session:
        return handover.items(session, handover.hold(session, number))


def _at(services: Services, now: datetime | None) -> Services:
    return replace(services, clock=FrozenClock(now)) if now else services
