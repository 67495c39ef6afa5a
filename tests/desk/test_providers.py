"""The providers: written down as they stand, ordered, paused and tested by the administrator."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import select

from incident.clock import FrozenClock
from incident.errors import Conflict, NotFound
from incident.jobs.deliver import deliver
from incident.jobs.providers import ask_balances, carry
from incident.models import Entry, Provider, User
from incident.operations import providers
from incident.services import Services
from notifications.chain import Chain
from notifications.channel import Channels
from notifications.health import REST
from notifications.message import Message
from tests.support.databases import Databases
from tests.support.desk import NOW, desk_database, make_incident, make_people, make_services
from tests.support.outbox import message, queue_messages
from tests.support.provider import Provider as Gateway
from tests.support.provider import make_message, running_gateway

BOTH = ("stand-in", "stand-in-2")
WRONG_TOKEN = {"kind": "error", "status": 401, "dialect": "twilio"}


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    with running_gateway(tmp_path / "journal.jsonl") as running:
        yield running


@pytest.fixture
def desk(databases: Databases, tmp_path: Path, gateway: Gateway) -> Iterator[Services]:
    """A desk whose SMS go by the two dialects of a running stand-in."""
    clock = FrozenClock(NOW)
    first = gateway.sms()
    first.provider = "stand-in"
    second = gateway.mainland(provider="stand-in-2")
    chain = Chain(name="sms", providers=[first, second], now=clock.now)
    services = make_services(
        desk_database(databases),
        tmp_path / "desk",
        clock=clock,
        channels=Channels(live={"sms": chain}, drill={}),
    )
    carry(services)
    yield services
    services.engine.dispose()


def rows(desk: Services) -> list[Provider]:
    with desk.reading() as session:
        return providers.known(session)


def change(desk: Services, what: Callable[..., Any], name: str, **more: Any) -> Any:
    admin = make_people(desk)["system_admin"]
    with desk.transaction() as session:
        row = providers.find(session, "sms", name)
        return what(session, row, who=admin, now=desk.now(), **more)


def send_one(desk: Services) -> str | None:
    """Send a message, carry the news, and return by whom it went."""
    (id,) = queue_messages(desk, make_incident(desk), 1, reason=f"r{desk.now()}", code="c" * 24)
    deliver(desk, workers=1)
    carry(desk)
    return message(desk, id).provider


def test_the_engine_writes_down_how_each_provider_stands(desk: Services, gateway: Gateway) -> None:
    assert [(row.name, row.recent) for row in rows(desk)] == [("stand-in", ""), ("stand-in-2", "")]
    gateway.set_faults(requests=[WRONG_TOKEN])

    assert send_one(desk) == "stand-in-2"

    first, second = rows(desk)
    assert (set(first.recent), first.problem, first.opened_at) == ({"0"}, "configuration", NOW)
    assert (set(second.recent), second.ok_at, second.opened_at) == ({"1"}, NOW, None)


HANG = {"kind": "reset", "dialect": "twilio", "times": 1}


def queued(desk: Services) -> int:
    """Queue one message to a number that nothing else goes to."""
    (id,) = queue_messages(desk, make_incident(desk), 1)
    return id


def until_taken(desk: Services, id: int) -> None:
    for _ in range(6):
        deliver(desk, workers=1)
        cast(FrozenClock, desk.clock).advance(timedelta(seconds=20))
    assert message(desk, id).provider_id


def test_what_one_provider_has_taken_without_an_answer_no_other_is_given(
    desk: Services, gateway: Gateway
) -> None:
    id = queued(desk)
    to = message(desk, id).to
    gateway.set_faults(requests=[HANG | {"accept": True, "to": to}])

    until_taken(desk, id)

    assert (message(desk, id).provider, message(desk, id).resent) == ("stand-in", False)
    assert len(gateway.texts(to=to)) == 1
    assert gateway.mainland().find(_as_sent(desk, id), since=NOW) == []


def test_what_it_has_not_taken_is_sent_again_and_marked(desk: Services, gateway: Gateway) -> None:
    id = queued(desk)
    to = message(desk, id).to
    gateway.set_faults(requests=[HANG | {"to": to}])

    until_taken(desk, id)

    assert message(desk, id).resent
    [text] = gateway.texts(to=to)
    assert "重发" in text


def _as_sent(desk: Services, id: int) -> Message:
    row = message(desk, id)
    return make_message(code=row.code, to=row.to, body=row.body)


def test_another_engine_begins_where_this_one_stopped(desk: Services, gateway: Gateway) -> None:
    gateway.set_faults(requests=[WRONG_TOKEN])
    send_one(desk)
    gateway.lift_faults()
    fresh = Chain(name="sms", providers=[gateway.sms(), gateway.mainland()], now=desk.now)
    providers_of = {"twilio": "stand-in", "mainland": "stand-in-2"}
    standings = {row.name: providers.standing(row) for row in rows(desk)}
    fresh.arrange(
        order=list(providers_of),
        paused=[],
        standings={name: standings[kept] for name, kept in providers_of.items()},
    )

    assert fresh.send(make_message()).retry_after == REST.total_seconds()
    cast(FrozenClock, desk.clock).advance(REST)
    assert fresh.send(make_message()).provider == "twilio"


def test_the_order_of_the_table_is_the_order_of_the_next_message(desk: Services) -> None:
    change(desk, providers.raise_one, "stand-in-2", among=BOTH)
    carry(desk)

    assert send_one(desk) == "stand-in-2"


def test_the_first_one_stays_where_it_is(desk: Services) -> None:
    change(desk, providers.raise_one, "stand-in", among=BOTH)

    assert [row.name for row in rows(desk)] == list(BOTH)


def test_a_paused_provider_carries_nothing_until_it_is_resumed(desk: Services) -> None:
    change(desk, providers.pause, "stand-in", among=BOTH, last_too=False)
    carry(desk)
    assert send_one(desk) == "stand-in-2"

    change(desk, providers.resume, "stand-in")
    carry(desk)
    assert rows(desk)[0].paused_at is None


def test_the_last_one_is_not_paused_without_a_second_look(desk: Services) -> None:
    change(desk, providers.pause, "stand-in", among=BOTH, last_too=False)

    with pytest.raises(Conflict, match="last-provider"):
        change(desk, providers.pause, "stand-in-2", among=BOTH, last_too=False)
    change(desk, providers.pause, "stand-in-2", among=BOTH, last_too=True)

    assert all(row.paused_at for row in rows(desk))


def test_resuming_closes_an_open_circuit(desk: Services, gateway: Gateway) -> None:
    gateway.set_faults(requests=[WRONG_TOKEN])
    send_one(desk)

    change(desk, providers.resume, "stand-in")

    assert (rows(desk)[0].opened_at, rows(desk)[0].failures) == (None, 0)


@pytest.mark.parametrize("name", BOTH)
def test_a_test_goes_by_its_provider_alone_to_whoever_asks(desk: Services, name: str) -> None:
    change(desk, providers.pause, name, among=BOTH, last_too=False)
    carry(desk)
    make_people(desk)
    with desk.reading() as session:
        user = session.scalars(select(User).where(User.name == "duty_officer")).one()

    test = change(desk, providers.send_test, name, user=user, rules=desk.rules)
    deliver(desk, workers=1)

    sent = message(desk, test.id)
    assert (sent.provider, sent.state, sent.to) == (name, "accepted", user.phone)
    assert sent.priority == 9


def test_who_has_no_telephone_cannot_be_sent_a_test(desk: Services) -> None:
    nobody = User(id=1, display="无", phone=None, mail=None)

    with pytest.raises(Conflict, match="no-own-address"):
        change(desk, providers.send_test, "stand-in", user=nobody, rules=desk.rules)


def test_every_change_has_its_entry(desk: Services) -> None:
    change(desk, providers.raise_one, "stand-in-2", among=BOTH)
    change(desk, providers.pause, "stand-in", among=BOTH, last_too=False)
    change(desk, providers.resume, "stand-in")

    with desk.reading() as session:
        types = session.scalars(select(Entry.type).where(Entry.type.like("provider_%")))
        assert list(types) == ["provider_raised", "provider_paused", "provider_resumed"]


def test_a_stranger_among_the_providers_is_not_found(desk: Services) -> None:
    with pytest.raises(NotFound):
        change(desk, providers.resume, "nobody")


def test_the_balance_is_asked_for_every_ten_minutes(desk: Services) -> None:
    ask_balances(desk)
    first, second = rows(desk)
    assert (first.balance, second.balance, second.balance_at) == (None, 10_000, NOW)

    cast(FrozenClock, desk.clock).advance(timedelta(minutes=9))
    ask_balances(desk)
    assert rows(desk)[1].balance_at == NOW
    cast(FrozenClock, desk.clock).advance(timedelta(minutes=1))
    ask_balances(desk)
    assert rows(desk)[1].balance_at == NOW + timedelta(minutes=10)
