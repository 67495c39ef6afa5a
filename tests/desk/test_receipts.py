"""Receipts: believed only with a true signature, in any order, once each."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from incident.channels import callback_token, callback_url
from incident.clock import FrozenClock
from incident.jobs.receipts import ask_after, merge
from incident.models import OutgoingMessage, Receipt
from incident.operations import outbox
from incident.operations.delivery import ASK_AFTER
from incident.services import Services
from incident.web import callbacks
from incident.web.desk import EXTENSION
from notifications.message import Accepted
from tests.support.databases import Databases
from tests.support.desk import desk_database, make_incident, open_services
from tests.support.outbox import channels_to, message, queue_messages, told
from tests.support.provider import Provider, running_gateway

LIVE = {
    "TWILIO_ACCOUNT_SID": "AC" + "9" * 32,
    "TWILIO_AUTH_TOKEN": "the-token-of-the-real-provider",
    "TWILIO_FROM_NUMBER": "+86100000000098",
}


@pytest.fixture
def waiting(services: Services) -> OutgoingMessage:
    """A message that is being sent."""
    incident = make_incident(services)
    (id,) = queue_messages(services, incident, 1, priority=-1)
    with services.transaction() as session:
        outbox.claim(session, services.now(), limit=1)
    return message(services, id)


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return client_of(services)


def client_of(services: Services) -> FlaskClient:
    app = Flask("callbacks")
    app.register_blueprint(callbacks.blueprint)
    app.extensions[EXTENSION] = services
    return app.test_client()


def call(
    client: FlaskClient,
    services: Services,
    row: OutgoingMessage,
    status: str,
    *,
    token: str | None = None,
    **form: str,
) -> int:
    """Call back as the provider does; return the status of the answer."""
    told = {"MessageSid": "SM1", "MessageStatus": status, "To": row.to, **form}
    url = callback_url(services.settings, row.code)
    secret = token or callback_token(services.settings, drill=row.drill is not None)
    signature = RequestValidator(secret).compute_signature(url, told)
    answer = client.post(
        f"/callbacks/sms/{row.code}", data=told, headers={"X-Twilio-Signature": signature}
    )
    return answer.status_code


def answer(services: Services, row: OutgoingMessage, status: str = "queued") -> None:
    """Write down the provider's answer to our own request."""
    assert row.lease_until
    claimed = outbox.Claimed(
        id=row.id,
        code=row.code,
        to=row.to,
        body=row.body,
        channel=row.channel,
        provider=None,
        drill=False,
        priority=row.priority,
        attempts=row.attempts,
        resent=False,
        is_uncertain=False,
        created_at=row.created_at,
        lease_until=row.lease_until,
    )
    with services.transaction() as session:
        result = Accepted(provider_id="SM1", status=status)
        outbox.record(session, [(claimed, result)], services.now())


def receipts(services: Services) -> list[Receipt]:
    with services.reading() as session:
        return list(session.scalars(select(Receipt)))


@pytest.mark.parametrize("order", list(permutations(["answer", "sent", "delivered"])))
def test_in_whatever_order_news_come_the_end_is_the_same(
    services: Services, waiting: OutgoingMessage, client: FlaskClient, order: tuple[str, ...]
) -> None:
    for news in order:
        if news == "answer":
            answer(services, waiting)
        else:
            assert call(client, services, waiting, news) == 204
            merge(services)

    row = message(services, waiting.id)
    assert (row.state, row.provider_id) == ("delivered", "SM1")
    assert told(services, waiting.id) == ["message_sent", "message_delivered"]


def test_a_receipt_before_the_answer_is_kept(
    services: Services, waiting: OutgoingMessage, client: FlaskClient
) -> None:
    call(client, services, waiting, "delivered")
    answer(services, waiting)
    merge(services)

    assert message(services, waiting.id).state == "delivered"


def test_the_same_receipt_again_has_no_effect(
    services: Services, waiting: OutgoingMessage, client: FlaskClient
) -> None:
    for _ in range(3):
        assert call(client, services, waiting, "delivered") == 204
        merge(services)

    assert len(receipts(services)) == 1
    assert told(services, waiting.id) == ["message_sent", "message_delivered"]


def test_a_late_sent_does_not_undo_delivered(
    services: Services, waiting: OutgoingMessage, client: FlaskClient
) -> None:
    for status in ("delivered", "sent", "undelivered"):
        call(client, services, waiting, status)
        merge(services)

    assert message(services, waiting.id).state == "delivered"


def test_delivered_after_a_failure_is_believed_and_the_failure_stays_readable(
    services: Services, waiting: OutgoingMessage, client: FlaskClient
) -> None:
    call(client, services, waiting, "undelivered", ErrorCode="30003")
    merge(services)
    row = message(services, waiting.id)
    assert (row.state, row.problem) == ("undelivered", "30003")

    call(client, services, waiting, "delivered")
    merge(services)

    row = message(services, waiting.id)
    assert (row.state, row.problem) == ("delivered", "30003")
    assert told(services, waiting.id) == ["message_sent", "message_failed", "message_delivered"]


def test_a_forged_receipt_is_refused_and_not_kept(
    services: Services, waiting: OutgoingMessage, client: FlaskClient
) -> None:
    assert call(client, services, waiting, "delivered", token="somebody else's") == 403
    assert client.post(f"/callbacks/sms/{waiting.code}", data={}).status_code == 403
    assert receipts(services) == []


def test_a_receipt_for_an_unknown_message_is_refused(
    services: Services, waiting: OutgoingMessage, client: FlaskClient
) -> None:
    waiting.code = "no-such-code"

    assert call(client, services, waiting, "delivered") == 403


@pytest.mark.parametrize(
    "form",
    [
        {"MessageStatus": ""},
        {"MessageStatus": "DROP TABLE"},
        {"MessageStatus": "a" * 31},
        {"MessageSid": ""},
        {"MessageSid": "S" * 64},
    ],
)
def test_signed_nonsense_is_refused_and_not_kept(
    services: Services, waiting: OutgoingMessage, client: FlaskClient, form: Mapping[str, str]
) -> None:
    assert call(client, services, waiting, "delivered", **form) == 400
    assert receipts(services) == []


def test_a_receipt_holds_no_telephone_number(
    services: Services, waiting: OutgoingMessage, client: FlaskClient
) -> None:
    call(client, services, waiting, "delivered")

    (kept,) = receipts(services)
    assert waiting.to not in str(kept.raw)


def test_a_status_that_nobody_knows_changes_nothing(
    services: Services, waiting: OutgoingMessage, client: FlaskClient
) -> None:
    answer(services, waiting)
    call(client, services, waiting, "partially_delivered")

    assert merge(services) == 1
    assert message(services, waiting.id).state == "accepted"


@pytest.mark.parametrize("drill", [None, "drill-1"])
def test_a_drill_and_a_real_message_are_signed_by_different_secrets(
    databases: Databases, tmp_path: Path, drill: str | None
) -> None:
    with open_services(desk_database(databases), tmp_path, **LIVE) as services:
        incident = make_incident(services, drill=drill)
        (id,) = queue_messages(services, incident, 1)
        row, client = message(services, id), client_of(services)
        other = callback_token(services.settings, drill=drill is None)

        assert call(client, services, row, "sent", token=other) == 403
        assert call(client, services, row, "sent") == 204


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    with running_gateway(tmp_path / "journal.jsonl") as running:
        yield running


def test_a_message_whose_receipts_do_not_come_is_asked_for(
    desk_url: str, tmp_path: Path, provider: Provider
) -> None:
    with open_services(desk_url, tmp_path / "desk", channels=channels_to(provider)) as services:
        (id,) = queue_messages(services, make_incident(services), 1)
        have_taken(services, provider, id)
        assert ask_after(services) == 0

        assert isinstance(services.clock, FrozenClock)
        for _ in range(100):  # the stand-in moves on in its own time
            services.clock.advance(timedelta(seconds=90))
            ask_after(services)
            if message(services, id).state == "delivered":
                break

        assert told(services, id) == ["message_delivered"]


def have_taken(services: Services, provider: Provider, id: int) -> None:
    """Have the provider take a message without a callback."""
    row = message(services, id)
    taken = provider.post("Messages.json", To=row.to, From=provider.from_number, Body=row.body)
    with services.transaction() as session:
        row = session.get_one(OutgoingMessage, id)
        row.state, row.provider_id = "accepted", taken.json()["sid"]
        row.due_at = services.now() + ASK_AFTER
