"""The channels that settings ask for, and news of a message by signed callbacks, end to end."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.serving import WSGIRequestHandler, make_server

from drills.gateway.provider import create_gateway
from drills.gateway.server import GatewayServer
from incident.channels import build_channels, callback_token
from incident.clock import SystemClock
from incident.services import Services
from incident.settings import BadSettings, Settings, load
from incident.stand_in import GATEWAY_SECRET, stand_in_account
from incident.web import callbacks
from incident.web.desk import EXTENSION
from notifications.chain import Chain
from notifications.channel import Channels, DrillLeak
from notifications.message import Accepted
from tests.support.desk import make_incident, open_services
from tests.support.engines import running_engine
from tests.support.outbox import channels_to, messages, queue_messages, told
from tests.support.provider import AUTH_TOKEN, make_message, running_gateway
from tests.support.scripted_server import unused_port
from tests.support.waiting import wait_until

LIVE = {
    "TWILIO_ACCOUNT_SID": "AC" + "9" * 32,
    "TWILIO_AUTH_TOKEN": "the-token-of-the-real-provider",
    "TWILIO_FROM_NUMBER": "+86100000000098",
}
MAINLAND = {
    "TOCSIN_MAINLAND_URL": "https://sms.example.invalid",
    "TOCSIN_MAINLAND_KEY": "key",
    "TOCSIN_MAINLAND_SECRET": "secret-of-the-gateway",
    "TOCSIN_MAINLAND_TEMPLATES": "reported=SMS_1001,test=SMS_1009",
}
MAINLAND_NAMES = tuple(MAINLAND)
MAIL = {"TOCSIN_SMTP_URL": "smtp://127.0.0.1:2525", "TOCSIN_MAIL_FROM": "desk@example.invalid"}

ROBOTS = {
    "TOCSIN_ROBOT_WECOM": "https://wecom.example.invalid/send?key=k",
    "TOCSIN_ROBOT_DINGTALK": "https://dingtalk.example.invalid/send?access_token=t",
    "TOCSIN_ROBOT_FEISHU": "https://feishu.example.invalid/hook/t",
}
PARTS = {"twilio": LIVE, "mainland": MAINLAND, "mail": MAIL, "robots": ROBOTS}


def settings(folder: Path, **environment: str) -> Settings:
    return load({"TOCSIN_DATA_DIR": str(folder), **environment})


def test_without_a_provider_real_messages_go_to_the_stand_in(tmp_path: Path) -> None:
    channels = build_channels(settings(tmp_path))

    assert channels.live_is_stand_in
    assert channels.live["sms"].stand_in
    assert channels.drill["sms"].stand_in


@pytest.mark.parametrize("elsewhere", [{}, {"TOCSIN_SMS_BASE_URL": "https://sms.example.invalid"}])
def test_with_a_provider_only_drills_go_to_the_stand_in(
    tmp_path: Path, elsewhere: dict[str, str]
) -> None:
    channels = build_channels(settings(tmp_path, **LIVE, **elsewhere))

    assert not channels.live_is_stand_in
    assert all(channel.stand_in for channel in channels.drill.values())


def test_mail_is_a_channel_where_a_server_is_set(tmp_path: Path) -> None:
    assert set(build_channels(settings(tmp_path, **LIVE)).live) == {"sms", "voice"}
    found = build_channels(settings(tmp_path, **LIVE, **MAIL))
    assert set(found.live) == {"sms", "voice", "mail"}
    assert not found.live["mail"].stand_in


def test_a_desk_on_trial_has_every_channel_and_none_rings_anybody(tmp_path: Path) -> None:
    channels = build_channels(settings(tmp_path))

    assert set(channels.live) == set(channels.drill) == {"sms", "voice", "mail", "robot"}
    assert all(channel.stand_in for channel in channels.live.values())


def test_the_gateway_of_the_mainland_comes_before_the_other_provider(tmp_path: Path) -> None:
    channels = build_channels(settings(tmp_path, **LIVE, **MAINLAND))

    sms = channels.live["sms"]
    assert isinstance(sms, Chain)
    assert sms.providers == ("mainland", "twilio")
    assert sms.offers("+8613800000000").reply
    assert sms.offers("+491710000000").link


@pytest.mark.parametrize("missing", MAINLAND_NAMES)
def test_half_a_gateway_stops_the_start(tmp_path: Path, missing: str) -> None:
    given = {name: value for name, value in MAINLAND.items() if name != missing}
    with pytest.raises(BadSettings, match=missing):
        settings(tmp_path, **given)


@pytest.mark.parametrize("wrong", ["reported", "reported=", "=SMS_1", "a=1,,b=2"])
def test_registered_texts_are_pairs(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(BadSettings, match="TOCSIN_MAINLAND_TEMPLATES"):
        settings(tmp_path, **MAINLAND | {"TOCSIN_MAINLAND_TEMPLATES": wrong})


@given(chosen=st.sets(st.sampled_from(["twilio", "mainland", "mail", "robots"])))
def test_whatever_is_set_no_channel_lets_a_drill_out(chosen: set[str]) -> None:
    environment = {name: value for one in chosen for name, value in PARTS[one].items()}
    with tempfile.TemporaryDirectory() as folder:
        built = build_channels(settings(Path(folder), **environment))
    wired_wrong = Channels(live=built.drill, drill=built.live)

    assert set(built.drill) == {"sms", "voice", "mail", "robot"}
    assert all(channel.stand_in is True for channel in built.drill.values())
    for name, channel in wired_wrong.drill.items():
        if channel.stand_in is not True:
            with pytest.raises(DrillLeak):
                wired_wrong.send(make_message(drill=True, channel=name))


def test_the_secret_of_the_stand_in_is_made_once_for_each_desk(tmp_path: Path) -> None:
    here, there = settings(tmp_path / "here"), settings(tmp_path / "there")

    assert stand_in_account(here) == stand_in_account(here)
    assert stand_in_account(here) != stand_in_account(there)


def test_callbacks_of_drills_are_signed_by_the_stand_in(tmp_path: Path) -> None:
    found = settings(tmp_path, **LIVE)

    assert callback_token(found, drill=False) == LIVE["TWILIO_AUTH_TOKEN"]
    assert callback_token(found, drill=True) == stand_in_account(found)[1]


@pytest.mark.parametrize("drill", [False, True])
def test_the_stand_in_of_a_desk_takes_its_messages(tmp_path: Path, drill: bool) -> None:
    port = unused_port()
    found = settings(tmp_path, TOCSIN_GATEWAY_PORT=str(port))
    account, token = stand_in_account(found)
    gateway = GatewayServer(
        create_gateway(
            account_sid=account,
            auth_token=token,
            journal=tmp_path / "journal.jsonl",
            now=SystemClock().now,
        ),
        port=port,
    )
    gateway.start()
    try:
        outcome = build_channels(found).send(make_message(drill=drill))
    finally:
        gateway.close()

    assert isinstance(outcome, Accepted)


@contextmanager
def receiving(services: Services) -> Iterator[None]:
    """Serve the desk's callbacks at its public address."""
    app = Flask("callbacks")
    app.register_blueprint(callbacks.blueprint)
    app.extensions[EXTENSION] = services
    port = int(services.settings.public_url.rpartition(":")[2])
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Silent)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Silent(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@pytest.mark.parametrize(
    ("faults", "ends", "entries"),
    [
        ({}, "delivered", ["message_delivered"]),
        ({"copies": 3}, "delivered", ["message_delivered"]),
        ({"reordered": True}, "delivered", ["message_delivered"]),
        ({"forged": True}, "accepted", []),
        ({"final": "undelivered", "error_code": 30003}, "undelivered", ["message_failed"]),
    ],
    ids=["true", "thrice", "last-first", "forged", "failed"],
)
def test_the_desk_learns_what_became_of_a_message(
    desk_url: str, tmp_path: Path, faults: dict[str, Any], ends: str, entries: list[str]
) -> None:
    desk = tmp_path / "desk"
    desk.mkdir()
    (desk / GATEWAY_SECRET).write_text(AUTH_TOKEN)
    address = {"TOCSIN_PUBLIC_URL": f"http://127.0.0.1:{unused_port()}"}
    with running_gateway(tmp_path / "journal.jsonl") as provider:
        provider.set_faults(callbacks=faults)
        with open_services(
            desk_url, desk, clock=SystemClock(), channels=channels_to(provider), **address
        ) as services:
            ids = queue_messages(services, make_incident(services), 3)
            with receiving(services), running_engine(services):
                wait_until(lambda: _all_are(services, ids, ends), seconds=60, what=ends)

            for id in ids:
                assert told(services, id) == ["message_sent", *entries]


def _all_are(services: Services, ids: list[int], state: str) -> bool:
    return {row.state for row in messages(services, ids)} == {state}
