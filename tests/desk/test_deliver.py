"""Delivery over real HTTP: each fault of a provider, and what the desk makes of it."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from incident.clock import FrozenClock
from incident.jobs.deliver import deliver
from incident.services import Services
from notifications.channel import Channels
from notifications.text import bears_drill_mark
from tests.support.desk import make_incident, open_services
from tests.support.outbox import (
    channels_to,
    check_history,
    message,
    messages,
    queue_messages,
    told,
)
from tests.support.provider import Provider, running_gateway

MINUTE = timedelta(minutes=1)


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    with running_gateway(tmp_path / "journal.jsonl") as running:
        running.set_faults(callbacks={"send": False})
        yield running


@pytest.fixture
def desk(desk_url: str, tmp_path: Path, provider: Provider) -> Iterator[Services]:
    """A desk on the provider; a request may take half a second."""
    channels = channels_to(provider, timeout=(0.5, 0.5))
    with open_services(desk_url, tmp_path / "desk", channels=channels) as services:
        yield services


def play(provider: Provider, **fault: Any) -> None:
    provider.set_faults(requests=[fault], callbacks={"send": False})


def deliver_for(services: Services, minutes: int) -> None:
    """Deliver what is due, minute after minute."""
    assert isinstance(services.clock, FrozenClock)
    for _ in range(minutes):
        deliver(services)
        services.clock.advance(MINUTE)
    deliver(services)


def queue_only(services: Services, count: int, *, drill: str | None = None) -> list[int]:
    """Queue messages of an incident whose own call-outs went out before."""
    incident = make_incident(services, drill=drill)
    with services.transaction() as session:
        session.connection().exec_driver_sql("DELETE FROM messages")
    return queue_messages(services, incident, count)


def test_everything_that_is_due_is_sent_once(desk: Services, provider: Provider) -> None:
    ids = queue_only(desk, 40)

    assert deliver(desk) == 40
    assert deliver(desk) == 0

    assert set(check_history(desk, provider, ids).values()) == {1}


@pytest.mark.parametrize(
    ("fault", "again"),
    [
        ({"kind": "throttle", "every": 3}, False),
        ({"kind": "error", "status": 503, "every": 3}, True),
        ({"kind": "reset", "every": 3}, True),
        ({"kind": "reset", "accept": True, "every": 3}, False),
        ({"kind": "hang", "accept": True, "every": 6, "seconds": 2}, False),
        ({"kind": "garble", "accept": True, "every": 3}, False),
        ({"kind": "error", "status": 500, "accept": True, "every": 3}, False),
    ],
    ids=["throttle", "503", "reset", "reset-taken", "hang-taken", "garble-taken", "500-taken"],
)
def test_no_fault_loses_a_message_or_sends_one_twice(
    desk: Services, provider: Provider, fault: dict[str, Any], again: bool
) -> None:
    ids = queue_only(desk, 12)
    play(provider, **fault)

    deliver_for(desk, 3)

    assert set(check_history(desk, provider, ids).values()) == {1}
    assert any(row.resent for row in messages(desk, ids)) is again
    assert provider.struck()[0] > 0


def test_what_is_sent_again_says_so(desk: Services, provider: Provider) -> None:
    queue_only(desk, 1)
    play(provider, kind="error", status=503, times=1)

    deliver_for(desk, 1)

    (text,) = provider.texts()
    assert "重发" in text


def test_what_comes_late_says_when_it_was_meant_to_come(desk: Services, provider: Provider) -> None:
    queue_only(desk, 1)
    assert isinstance(desk.clock, FrozenClock)
    desk.clock.advance(6 * MINUTE)

    deliver(desk)

    (text,) = provider.texts()
    assert "11-23 11:00的消息，迟发" in text


def test_a_number_that_does_not_exist_is_given_up(desk: Services, provider: Provider) -> None:
    (id,) = queue_only(desk, 1)
    play(provider, kind="error", status=400, code=21211)

    deliver_for(desk, 2)

    assert message(desk, id).state == "refused"
    assert told(desk, id) == ["message_failed"]


def test_wrong_settings_burn_no_message(desk: Services, provider: Provider) -> None:
    (id,) = queue_only(desk, 1)
    play(provider, kind="error", status=401, code=20003)
    deliver_for(desk, 2)
    assert message(desk, id).problem == "configuration"

    provider.lift_faults()
    deliver_for(desk, 1)

    assert message(desk, id).provider_id


def test_a_provider_that_is_away_gets_everything_when_it_is_back(
    desk_url: str, tmp_path: Path, provider: Provider
) -> None:
    nobody = Provider(base_url="http://127.0.0.1:9", journal=provider.journal)
    with open_services(desk_url, tmp_path / "desk", channels=channels_to(nobody)) as services:
        ids = queue_only(services, 10)
        deliver_for(services, 3)
        assert {row.state for row in messages(services, ids)} == {"queued"}
    with open_services(desk_url, tmp_path / "desk", channels=channels_to(provider)) as services:
        assert isinstance(services.clock, FrozenClock)
        services.clock.advance(10 * MINUTE)

        deliver(services)

        assert set(check_history(services, provider, ids).values()) == {1}


def test_a_message_of_a_drill_is_stopped_before_a_live_channel(
    desk_url: str, tmp_path: Path, provider: Provider
) -> None:
    live = provider.sms()
    live.stand_in = False
    channels = Channels(live={"sms": live}, drill={"sms": live})
    with open_services(desk_url, tmp_path / "desk", channels=channels) as services:
        (id,) = queue_only(services, 1, drill="drill-1")

        deliver(services)

        assert provider.inbox() == []
        row = message(services, id)
        assert (row.state, row.problem) == ("refused", "drill-leak")


def test_the_messages_of_a_drill_bear_its_mark_even_when_sent_again(
    desk: Services, provider: Provider
) -> None:
    queue_only(desk, 3, drill="drill-1")
    play(provider, kind="error", status=503, every=2)

    deliver_for(desk, 1)

    assert all(bears_drill_mark(text) for text in provider.texts())
    assert len(provider.texts()) == 3


def test_a_channel_that_breaks_does_not_stop_the_others(
    desk_url: str, tmp_path: Path, provider: Provider
) -> None:
    with open_services(desk_url, tmp_path / "desk", channels=channels_to(provider)) as services:
        ids = queue_only(services, 3)
        queue_messages(services, make_incident(services), 1, first=50, channel="pigeon")

        deliver(services)

        assert all(row.provider_id for row in messages(services, ids))


def test_no_log_holds_a_telephone_number_or_a_text(
    desk: Services, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    (id,) = queue_only(desk, 1)
    play(provider, kind="error", status=503, times=1)

    deliver_for(desk, 1)

    row = message(desk, id)
    ours = [record for record in caplog.records if record.name.startswith("incident")]
    assert ours
    assert not any(
        row.to in record.getMessage() or row.body in record.getMessage() for record in ours
    )
