"""The page of channels: order, health and tests for whoever keeps the system, no secret on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from incident.channels import build_channels
from incident.jobs.providers import carry
from incident.models import OutgoingMessage, User
from incident.operations import providers
from incident.services import Services
from incident.settings import load
from notifications.health import Standing
from tests.support.databases import SqliteDatabases
from tests.support.desk import ENVIRONMENT, desk_database, make_people, make_services
from tests.support.running import flask_client

SECRETS = {
    "TOCSIN_MAINLAND_URL": "https://sms.example.invalid",
    "TOCSIN_MAINLAND_KEY": "the-key-of-the-gateway",
    "TOCSIN_MAINLAND_SECRET": "the-secret-of-the-gateway",
    "TOCSIN_MAINLAND_TEMPLATES": "test=SMS_1001",
    "TWILIO_ACCOUNT_SID": "AC" + "7" * 32,
    "TWILIO_AUTH_TOKEN": "another-secret-word",
    "TWILIO_FROM_NUMBER": "+86100000000099",
    "TOCSIN_ROBOT_WECOM": "https://wecom.example.invalid/send?key=the-key-of-the-robot",
}


@pytest.fixture
def desk(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[Services]:
    folder = tmp_path / "desk"
    settings = load({**ENVIRONMENT, **SECRETS, "TOCSIN_DATA_DIR": str(folder)})
    services = make_services(
        desk_database(sqlite_databases), folder, channels=build_channels(settings), **SECRETS
    )
    make_people(services)
    carry(services)
    yield services
    services.engine.dispose()


@pytest.fixture
def keeper(desk: Services) -> FlaskClient:
    return flask_client(desk, "system_admin")


def order(desk: Services) -> list[str]:
    with desk.reading() as session:
        return [row.name for row in providers.known(session) if row.channel == "sms"]


def test_every_provider_stands_in_its_order_and_what_is_unknown_says_so(
    keeper: FlaskClient,
) -> None:
    page = keeper.get("/system/channels").text

    assert page.index("国内短信网关") < page.index("Twilio")
    assert "企业微信群机器人" in page
    assert "还没用过" in page
    assert "不详" in page


def test_no_secret_is_on_the_page(keeper: FlaskClient) -> None:
    pages = keeper.get("/system/channels").text + keeper.get("/system").text

    for secret in ("the-key-of-the", "the-secret-of-the-gateway", "another-secret-word"):
        assert secret not in pages
    assert "wecom.example.invalid" in pages


def test_an_open_circuit_is_told_with_its_last_failure(desk: Services, keeper: FlaskClient) -> None:
    ill = Standing(
        recent="110",
        failures=1,
        opened_at=desk.now(),
        problem="configuration",
        error="the provider answered HTTP 401",
        failed_at=desk.now(),
    )
    with desk.transaction() as session:
        providers.write(session, {}, {("sms", "twilio"): ill})

    page = keeper.get("/system/channels").text

    assert "熔断，暂不派发" in page
    assert "2/3" in page
    assert "the provider answered HTTP 401" in page
    assert "已熔断：sms/twilio" in keeper.get("/system").text


def test_a_provider_is_moved_up(desk: Services, keeper: FlaskClient) -> None:
    assert keeper.post("/system/channels/sms/twilio/raise").status_code == 302

    assert order(desk)[:2] == ["twilio", "mainland"]


def test_a_pause_says_first_what_it_would_mean(desk: Services, keeper: FlaskClient) -> None:
    many = keeper.get("/system/channels/sms/twilio/pause").text
    last = keeper.get("/system/channels/voice/twilio/pause").text

    assert "余下的 1 家" in many
    assert "这是最后一家在用的通道" in last
    assert 'name="last"' in last
    assert keeper.post("/system/channels/voice/twilio/pause").status_code == 409
    confirmed = keeper.post("/system/channels/voice/twilio/pause", data={"last": "1"})
    assert confirmed.status_code == 302
    assert "已停用" in keeper.get("/system/channels").text
    keeper.post("/system/channels/voice/twilio/resume")
    with desk.reading() as session:
        assert providers.find(session, "voice", "twilio").paused_at is None


def test_a_test_is_queued_to_the_keepers_own_telephone(desk: Services, keeper: FlaskClient) -> None:
    assert keeper.post("/system/channels/sms/mainland/test").status_code == 302

    with desk.reading() as session:
        me = session.scalars(select(User).where(User.name == "system_admin")).one()
        [test] = session.scalars(select(OutgoingMessage))
    assert (test.provider, test.to, test.channel) == ("mainland", me.phone, "sms")
    page = keeper.get("/system/channels").text
    assert "待发" in page


@pytest.mark.parametrize("path", ["sms/nobody", "nothing/twilio", "sms/stand-in"])
@pytest.mark.parametrize("what", ["raise", "pause", "resume", "test"])
def test_what_is_not_set_up_is_not_found(keeper: FlaskClient, path: str, what: str) -> None:
    assert keeper.post(f"/system/channels/{path}/{what}").status_code == 404


def test_contact_data_are_changed_and_checked(desk: Services, keeper: FlaskClient) -> None:
    address = "/people/duty_officer/contact"
    wrong = keeper.post(address, data={"mail": "no address", "phone": ""})
    right = keeper.post(
        address, data={"mail": "officer@example.invalid", "phone": "+86100000000055"}
    )

    assert wrong.status_code == 422
    assert "邮箱地址不对" in wrong.text
    assert right.status_code == 302
    with desk.reading() as session:
        user = session.scalars(select(User).where(User.name == "duty_officer")).one()
    assert (user.mail, user.phone) == ("officer@example.invalid", "+86100000000055")
    keeper.post(address, data={"mail": "", "phone": ""})
    with desk.reading() as session:
        user = session.scalars(select(User).where(User.name == "duty_officer")).one()
    assert (user.mail, user.phone) == (None, "+86100000000055")
