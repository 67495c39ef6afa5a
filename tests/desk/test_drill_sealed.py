"""A drill's doors are locked: by every channel its messages end in the stand-in, and for whom."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from drills import participants, runs
from drills.gateway.mail import MailSink
from drills.gateway.parts import parts
from drills.gateway.provider import create_gateway
from drills.gateway.server import GatewayServer
from drills.models import DrillRun
from drills.scenario.files import shipped
from incident.channels import build_channels
from incident.clock import SystemClock
from incident.jobs.deliver import deliver
from incident.models import Incident, OutgoingMessage, User
from incident.services import Services
from incident.settings import load
from incident.stand_in import GATEWAY_DRILL_NUMBER, stand_in_account
from notifications.channel import Channels
from notifications.message import Accepted, Message, Outcome, Sent
from notifications.robots import DIALECTS
from tests.support.desk import ENVIRONMENT, make_incident, make_people, make_services
from tests.support.outbox import queue_messages
from tests.support.provider import Provider
from tests.support.scripted_server import unused_port

CANTEEN = shipped()["school-canteen-salmonella"]
MARK = "【演练】"
SPOKEN = "演练"  # brackets are not read out
ADDRESSES = {
    "sms": "+86100000000041",
    "voice": "+86100000000041",
    "mail": "somebody@example.invalid",
    "robot": "group",
}
OUTSIDE = "+8613800138000"


class Live:
    """A channel that could ring a telephone; nothing of a drill may come here."""

    stand_in = False

    def __init__(self, name: str) -> None:
        self.name = name
        self.given: list[Message] = []

    def send(self, message: Message) -> Outcome:
        self.given.append(message)
        return Accepted(provider_id=f"SM{len(self.given):032d}", status="queued")

    def find(self, message: Message, *, since: object) -> None:
        return None

    def look_up(self, provider_id: str) -> Sent | None:
        return None


@contextmanager
def stand_in(folder: Path) -> Iterator[tuple[Services, Mapping[str, Live], Any]]:
    """A desk whose live channels could ring, with the stand-in beside it that takes everything."""
    port, mail_port = unused_port(), unused_port()
    own = {"TOCSIN_GATEWAY_PORT": str(port), "TOCSIN_GATEWAY_MAIL_PORT": str(mail_port)}
    url = f"sqlite:///{folder / 'desk.db'}"
    found = load({**ENVIRONMENT, "TOCSIN_DATA_DIR": str(folder), "TOCSIN_DATABASE_URL": url, **own})
    account, token = stand_in_account(found)
    app = create_gateway(
        account_sid=account,
        auth_token=token,
        journal=folder / "journal.jsonl",
        now=SystemClock().now,
    )
    server, live = GatewayServer(app, port=port), {name: Live(name) for name in ADDRESSES}
    store = parts(app).store
    sink = MailSink(store, port=mail_port)
    server.start()
    channels = Channels(live=live, drill=build_channels(found).drill)
    services = make_services(url, folder, channels=channels, **own)
    try:
        yield services, live, store
    finally:
        services.engine.dispose()
        sink.close()
        server.close()


def drill(services: Services) -> tuple[DrillRun, Incident]:
    run = runs.start(services, CANTEEN)
    return run, make_incident(services, drill=run.key)


def states(services: Services, ids: list[int]) -> list[tuple[str, str | None]]:
    with services.reading() as session:
        rows = session.scalars(select(OutgoingMessage).where(OutgoingMessage.id.in_(ids)))
        return [(row.state, row.problem) for row in rows]


def test_by_every_channel_a_drill_ends_in_the_stand_in(tmp_path: Path) -> None:
    with stand_in(tmp_path) as (services, live, store):
        _, incident = drill(services)
        deliver(services, workers=2)
        before = len(store)
        ids = [
            queue_messages(services, incident, 1, first=at, channel=channel, to=to)[0]
            for at, (channel, to) in enumerate(ADDRESSES.items(), start=1)
        ]
        ids += queue_messages(services, incident, 1, first=9, provider="stand-in-2")

        deliver(services, workers=2)

        taken = [item for item in store.newest() if item.body][: len(store) - before]
        assert all(state not in ("refused", "queued") for state, _ in states(services, ids))
        assert all(not channel.given for channel in live.values())
        assert {item.kind for item in taken} >= {"message", "call", "mail", "group", "gateway"}
        assert [item.body for item in taken if MARK not in item.body and item.kind != "call"] == []
        assert all(item.body.startswith(SPOKEN) for item in taken if item.kind == "call")


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_every_robot_says_that_it_is_a_drill(tmp_path: Path, dialect: str) -> None:
    with stand_in(tmp_path) as (services, live, store):
        settings = services.settings
        account, token = stand_in_account(settings)
        provider = Provider(
            base_url=f"http://127.0.0.1:{settings.gateway_port}",
            journal=tmp_path / "journal.jsonl",
            account_sid=account,
            auth_token=token,
        )
        robots = Channels(live=live, drill={"robot": provider.robot(dialect)})
        services = make_services(
            settings.database_url, tmp_path, channels=robots, now=services.now()
        )
        _, incident = drill(services)
        queue_messages(services, incident, 1, channel="robot", to="group")

        deliver(services, workers=1)
        services.engine.dispose()

        assert live["robot"].given == []
        assert [MARK in item.body for item in store.newest(kind="group")] == [True]


def test_what_is_real_never_goes_to_the_drill_channels(tmp_path: Path) -> None:
    with stand_in(tmp_path) as (services, live, store):
        real = make_incident(services)
        queue_messages(services, real, 1, to=ADDRESSES["sms"])

        deliver(services, workers=2)

        assert len(store) == 0
        assert all(MARK not in message.body for message in live["sms"].given)
        assert live["sms"].given


def test_a_drill_is_not_for_somebody_who_takes_no_part(tmp_path: Path) -> None:
    with stand_in(tmp_path) as (services, live, store):
        _, incident = drill(services)
        user = _with_telephone(services, OUTSIDE)
        ids = queue_messages(services, incident, 1, to=OUTSIDE, user_id=user)

        deliver(services, workers=2)

        assert states(services, ids) == [("refused", "drill-stranger")]
        assert [item for item in store.newest() if item.to == OUTSIDE] == []
        assert not live["sms"].given


@pytest.mark.parametrize("channel", ["sms", "voice"])
def test_a_player_of_the_drill_is_called_at_the_stand_in(tmp_path: Path, channel: str) -> None:
    with stand_in(tmp_path) as (services, live, store):
        run, incident = drill(services)
        user = _with_telephone(services, OUTSIDE)
        with services.transaction() as session:
            held, player = runs.hold(session, run.key), session.get_one(User, user)
            participants.enrol(session, held, player, participants.PLAYER, with_real=True)
        ids = queue_messages(services, incident, 1, to=OUTSIDE, user_id=user, channel=channel)

        deliver(services, workers=2)

        assert states(services, ids)[0][0] != "refused"
        assert [item.sender for item in store.newest() if item.to == OUTSIDE] == [
            GATEWAY_DRILL_NUMBER
        ]
        assert not live[channel].given


def test_a_player_of_one_drill_is_nobody_in_another(tmp_path: Path) -> None:
    with stand_in(tmp_path) as (services, _, _store):
        first, _ = drill(services)
        user = _with_telephone(services, OUTSIDE)
        with services.transaction() as session:
            held, player = runs.hold(session, first.key), session.get_one(User, user)
            participants.enrol(session, held, player, participants.PLAYER, with_real=True)
        _, other = drill(services)
        ids = queue_messages(services, other, 1, to=OUTSIDE, user_id=user)

        deliver(services, workers=2)

        assert states(services, ids) == [("refused", "drill-stranger")]


def _with_telephone(services: Services, phone: str) -> int:
    """Return the id of somebody who has a telephone that could ring."""
    make_people(services)
    with services.transaction() as session:
        user = session.scalars(select(User).where(User.name == "group_member")).one()
        user.phone = phone
        return user.id
