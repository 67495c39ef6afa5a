"""The auditor finds what the desk leaves undone, and says so once."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from incident.clock import FrozenClock
from incident.models import (
    Alert,
    AlertPerson,
    ChainHead,
    Entry,
    IncidentClock,
    OutgoingMessage,
    Promise,
    Receipt,
    Reply,
)
from incident.operations import engine, oversight
from incident.operations.promises import PROMISES, Seen
from incident.services import Services
from tests.support.desk import make_incident, make_people

NEVER = timedelta(0)


def seen(services: Services, **changes: Any) -> Seen:
    usual: dict[str, Any] = {
        "now": services.now(),
        "tick": timedelta(seconds=1),
        "skew": NEVER,
        "spooled": 0,
        "oldest_spooled": None,
    }
    return Seen(**{**usual, **changes})


def broken(services: Services, **changes: Any) -> dict[str, int]:
    """Go round as the auditor does; return what does not hold, with its count."""
    with services.transaction() as session:
        engine.take_lease(session, "test", services.now())
    with services.reading() as session:
        found = oversight.examine(session, seen(services, **changes))
    with services.transaction() as session:
        oversight.write_down(session, found, services.now())
    return {kept.name: kept.figures["count"] for kept in found if not kept.holds}


def later(services: Services, **time: float) -> None:
    assert isinstance(services.clock, FrozenClock)
    services.clock.advance(timedelta(**time))


def change(services: Services, table: type[Any], **values: Any) -> None:
    with services.transaction() as session:
        session.execute(update(table).values(**values))


@pytest.fixture
def desk(services: Services) -> Services:
    """A desk with an incident whose people were called, delivered and answered."""
    make_people(services)
    make_incident(services)
    change(services, OutgoingMessage, state="delivered", attempts=1)
    change(services, AlertPerson, state="answered", next_at=None)
    change(services, IncidentClock, next_alarm_at=None)
    return services


def test_a_desk_that_did_everything_keeps_every_promise(desk: Services) -> None:
    assert broken(desk) == {}
    with desk.reading() as session:
        assert set(session.scalars(select(Promise.name))) == set(PROMISES)


def test_a_message_that_nobody_tried_is_found_the_sooner_the_graver(desk: Services) -> None:
    change(desk, OutgoingMessage, state="queued", attempts=0, priority=0)
    later(desk, seconds=31)
    assert list(broken(desk)) == ["first_try"]
    change(desk, OutgoingMessage, priority=1)
    assert broken(desk) == {}
    later(desk, seconds=90)
    assert list(broken(desk)) == ["first_try"]
    change(desk, OutgoingMessage, drill="drill-1")
    assert broken(desk) == {}


@pytest.mark.parametrize("state", ["queued", "sending", "uncertain", "accepted", "sent", "held"])
def test_a_message_without_an_end_is_found_after_a_quarter_of_an_hour(
    desk: Services, state: str
) -> None:
    change(desk, AlertPerson, state="called")
    change(desk, OutgoingMessage, state=state, attempts=1)
    later(desk, minutes=14)
    assert "endings" not in broken(desk)
    later(desk, minutes=2)
    assert "endings" in broken(desk)
    change(desk, AlertPerson, state="answered")
    assert "endings" not in broken(desk)


def test_a_failure_with_nobody_tried_after_it_is_found(desk: Services) -> None:
    change(desk, AlertPerson, state="called", next_at=None)
    change(desk, OutgoingMessage, state="failed")
    later(desk, minutes=16)
    assert "endings" in broken(desk)
    change(desk, Alert, sirened_at=desk.now())
    assert "endings" not in broken(desk)


def test_a_ladder_that_stands_still_is_found(desk: Services) -> None:
    change(desk, AlertPerson, state="called", next_at=desk.now())
    change(desk, Alert, siren_at=None)
    later(desk, seconds=59)
    assert broken(desk) == {}
    later(desk, seconds=2)
    assert list(broken(desk)) == ["people"]
    change(desk, Alert, ended_at=desk.now())
    assert broken(desk) == {}


def test_a_siren_that_is_late_is_found(desk: Services) -> None:
    change(desk, Alert, siren_at=desk.now(), sirened_at=None, ended_at=None)
    later(desk, seconds=61)
    assert broken(desk) == {"people": 1}


def test_a_clock_that_did_not_ring_is_found(desk: Services) -> None:
    change(desk, IncidentClock, next_alarm_at=desk.now(), advisory=False, satisfied_at=None)
    later(desk, seconds=11)
    assert broken(desk) == {}
    later(desk, seconds=1)
    assert list(broken(desk)) == ["clocks"]


def test_mail_that_nobody_reads_is_found(desk: Services) -> None:
    with desk.transaction() as session:
        session.add(Receipt(code="c", provider_id="p", status="sent", raw={}, came_at=desk.now()))
        session.add(
            Reply(
                provider="x",
                provider_id="1",
                channel="sms",
                sender="+8610000000001",
                body="1",
                drill=False,
                came_at=desk.now(),
            )
        )
    later(desk, seconds=31)
    assert broken(desk) == {"inbox": 2}


def test_two_at_the_provider_that_do_not_say_so_are_found(desk: Services) -> None:
    with desk.transaction() as session:
        message = session.scalars(select(OutgoingMessage)).first()
        assert message is not None
        for number in ("p1", "p2"):
            session.add(
                Receipt(
                    code=message.code,
                    provider_id=number,
                    status="sent",
                    raw={},
                    came_at=desk.now(),
                    merged_at=desk.now(),
                )
            )
    assert broken(desk) == {"duplicates": 1}
    change(desk, OutgoingMessage, resent=True)
    assert broken(desk) == {}


def test_a_chain_whose_head_was_touched_is_found_until_it_is_mended(desk: Services) -> None:
    assert broken(desk) == {}
    with desk.reading() as session:
        head = session.scalars(select(ChainHead.hash)).one()
    change(desk, ChainHead, hash="0" * 64)
    with desk.reading() as session:
        found = PROMISES["chain"](session, seen(desk), {})
    assert (found["count"], found["problem"]) == (1, "head-differs")
    change(desk, ChainHead, hash=head)
    assert broken(desk) == {}


def test_clocks_that_differ_and_a_spool_that_waits_are_found(desk: Services) -> None:
    assert broken(desk, skew=timedelta(seconds=-6)) == {"time": 1}
    assert broken(desk, skew=timedelta(seconds=5)) == {}
    old = desk.now() - timedelta(seconds=61)
    assert broken(desk, spooled=3, oldest_spooled=old) == {"spool": 3}
    assert broken(desk, spooled=3, oldest_spooled=desk.now()) == {}


def test_a_broken_promise_is_told_once_and_its_return_too(desk: Services) -> None:
    for skew in (0, 9, 9, 0, 0):
        broken(desk, skew=timedelta(seconds=skew))
    with desk.reading() as session:
        told = session.scalars(
            select(Entry.type).where(Entry.type.startswith("promise")).order_by(Entry.seq)
        )
        assert list(told) == ["promise_broken", "promise_kept"]
