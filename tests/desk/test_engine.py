"""The engine: one drives, the other waits; what a kill leaves undone is done after it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from incident.clock import FrozenClock, SystemClock
from incident.jobs.deliver import deliver
from incident.jobs.lead import Leadership
from incident.models import EngineLease, OutgoingMessage
from incident.operations import engine, outbox
from incident.operations.engine import LASTS, LeaseLost
from incident.services import Services
from tests.support.desk import make_incident, open_services
from tests.support.engines import engine_process, running_engine
from tests.support.outbox import channels_to, check_history, queue_messages
from tests.support.provider import Provider, running_gateway
from tests.support.waiting import wait_until

MANY = 400
IN_FLIGHT = 8


def pass_time(services: Services, step: timedelta) -> None:
    assert isinstance(services.clock, FrozenClock)
    services.clock.advance(step)


def test_one_engine_drives_and_the_other_waits(services: Services) -> None:
    first, second = Leadership(services), Leadership(services)

    for _ in range(5):
        assert first.turn() is not None
        assert second.turn() is None
        pass_time(services, LASTS - timedelta(seconds=1))


def test_another_takes_over_when_the_lease_has_run_out(services: Services) -> None:
    first, second = Leadership(services), Leadership(services)
    first.turn()
    pass_time(services, LASTS)

    assert second.turn() is not None
    assert first.turn() is None


def test_another_begins_at_once_after_an_orderly_end(services: Services) -> None:
    first, second = Leadership(services), Leadership(services)
    first.turn()
    first.give_back()

    assert second.turn() is not None


def test_an_engine_that_was_overtaken_writes_nothing(services: Services) -> None:
    first, second = Leadership(services), Leadership(services)
    paused = first.turn()
    assert paused is not None
    pass_time(services, LASTS)
    second.turn()

    with pytest.raises(LeaseLost), paused.transaction() as session:
        session.add(EngineLease(id=2, holder="", epoch=0, until=services.now()))
    queue_messages(services, make_incident(services), 1)
    with pytest.raises(LeaseLost):
        deliver(paused)


def test_what_the_last_engine_was_sending_is_uncertain_at_once(services: Services) -> None:
    first, second = Leadership(services), Leadership(services)
    dead = first.turn()
    assert dead is not None
    queue_messages(services, make_incident(services), 1, priority=-1)
    with dead.transaction() as session:
        outbox.claim(session, services.now(), limit=1)
    pass_time(services, LASTS)

    second.turn()

    with services.transaction() as session:
        (claimed, *_) = outbox.claim(session, services.now(), limit=1)
    assert claimed.is_uncertain


def test_a_renewed_lease_leaves_what_is_being_sent_alone(services: Services) -> None:
    leadership = Leadership(services)
    led = leadership.turn()
    assert led is not None
    make_incident(services)
    with led.transaction() as session:
        claimed = outbox.claim(session, services.now(), limit=100)
    assert claimed
    pass_time(services, timedelta(seconds=1))

    leadership.turn()

    with services.transaction() as session:
        assert outbox.claim(session, services.now(), limit=100) == []


def test_the_last_turn_is_known(services: Services) -> None:
    with services.reading() as session:
        assert engine.last_turn(session) is None

    Leadership(services).turn()

    with services.reading() as session:
        assert engine.last_turn(session) == services.now()


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    with running_gateway(tmp_path / "journal.jsonl") as running:
        running.set_faults(callbacks={"send": False})
        yield running


def unsent(services: Services) -> int:
    with services.reading() as session:
        found = select(func.count()).where(OutgoingMessage.provider_id.is_(None))
        return session.scalar(found) or 0


def test_the_engine_sends_what_a_report_calls_for(
    desk_url: str, tmp_path: Path, provider: Provider
) -> None:
    channels = channels_to(provider)
    with open_services(
        desk_url, tmp_path / "desk", clock=SystemClock(), channels=channels
    ) as services:
        make_incident(services)
        with running_engine(services):
            wait_until(lambda: unsent(services) == 0, seconds=30, what="the first messages")
            incident = make_incident(services)

            wait_until(
                lambda: any(incident.number in text for text in provider.texts()),
                seconds=30,
                what="the request at the provider",
            )


def test_a_kill_loses_no_message_and_only_what_was_in_flight_may_come_twice(
    desk_url: str, tmp_path: Path, provider: Provider
) -> None:
    requests = [{"kind": "delay", "seconds": 0.02}, {"kind": "throttle", "every": 10}]
    provider.set_faults(requests=requests, callbacks={"send": False})
    with open_services(desk_url, tmp_path / "desk", clock=SystemClock()) as services:
        incident = make_incident(services)
        with services.transaction() as session:
            session.connection().exec_driver_sql("DELETE FROM messages")
        ids = queue_messages(services, incident, MANY)
        with engine_process(desk_url, tmp_path, provider):
            wait_until(lambda: unsent(services) < 0.7 * MANY, seconds=60, what="the first third")
        with engine_process(desk_url, tmp_path, provider):
            wait_until(lambda: unsent(services) == 0, seconds=100, what="all of them")

        got = check_history(services, provider, ids)

    assert sum(count - 1 for count in got.values()) <= IN_FLIGHT


def test_an_orderly_end_finishes_what_is_under_way(
    desk_url: str, tmp_path: Path, provider: Provider
) -> None:
    provider.set_faults(requests=[{"kind": "delay", "seconds": 0.05}], callbacks={"send": False})
    channels = channels_to(provider)
    with open_services(
        desk_url, tmp_path / "desk", clock=SystemClock(), channels=channels
    ) as services:
        queue_messages(services, make_incident(services), 100)
        with running_engine(services):
            wait_until(lambda: unsent(services) < 80, seconds=60, what="the first messages")

        sending = select(func.count()).where(OutgoingMessage.state == "sending")
        with services.reading() as session:
            assert session.scalar(sending) == 0
        assert unsent(services) > 0
