"""Replies and keys: believed only with a true signature, kept once, drill and real apart."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from incident.channels import DRILL_EXTENSION, REAL_EXTENSION, callback_token, callback_url
from incident.models import OutgoingMessage, Receipt, Reply
from incident.services import Services
from incident.stand_in import GATEWAY_DRILL_NUMBER, GATEWAY_NUMBER, stand_in_account
from incident.web import callbacks, callbacks_gateway, callbacks_voice
from incident.web.desk import EXTENSION
from notifications import gateway_signature
from tests.support.desk import make_incident
from tests.support.outbox import message, queue_messages

PHONE = "+86100000000001"


@pytest.fixture
def client(services: Services) -> Iterator[FlaskClient]:
    app = Flask("callbacks")
    for each in (callbacks, callbacks_voice, callbacks_gateway):
        app.register_blueprint(each.blueprint)
    app.extensions[EXTENSION] = services
    with app.test_client() as found:
        yield found


@pytest.fixture
def sent(services: Services) -> OutgoingMessage:
    (id,) = queue_messages(services, make_incident(services), 1)
    return message(services, id)


def replies(services: Services) -> list[Reply]:
    with services.reading() as session:
        return list(session.scalars(select(Reply).order_by(Reply.id)))


def receipts(services: Services) -> list[Receipt]:
    with services.reading() as session:
        return list(session.scalars(select(Receipt).order_by(Receipt.id)))


def by_sms(
    client: FlaskClient, services: Services, *, token: str | None = None, **form: str
) -> TestResponse:
    told = {"MessageSid": "SM1", "From": PHONE, "To": GATEWAY_NUMBER, "Body": "K71", **form}
    url = callback_url(services.settings, "inbound") or ""
    secret = token or stand_in_account(services.settings)[1]
    signature = RequestValidator(secret).compute_signature(url, told)
    return client.post(
        "/callbacks/sms/inbound", data=told, headers={"X-Twilio-Signature": signature}
    )


def by_key(
    client: FlaskClient,
    services: Services,
    row: OutgoingMessage,
    digits: str,
    *,
    token: str | None = None,
    code: str | None = None,
) -> TestResponse:
    told = {"CallSid": "CA1", "CallStatus": "in-progress", "Digits": digits, "To": row.to}
    url = f"{callback_url(services.settings, row.code, channel='voice')}/keys"
    secret = token or callback_token(services.settings, drill=row.drill is not None)
    signature = RequestValidator(secret).compute_signature(url, told)
    return client.post(
        f"/callbacks/voice/{code or row.code}/keys",
        data=told,
        headers={"X-Twilio-Signature": signature},
    )


def push(
    client: FlaskClient,
    services: Services,
    what: str,
    told: Any,
    *,
    secret: str | None = None,
    age: timedelta = timedelta(),
) -> TestResponse:
    key, known = stand_in_account(services.settings)
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    headers = gateway_signature.signed(
        key=key,
        secret=secret or known,
        path=f"/callbacks/gateway/{what}",
        nonce="n",
        body=body,
        now=services.now() - age,
    )
    return client.post(f"/callbacks/gateway/{what}", data=body, headers=headers)


def inbound(extension: str = REAL_EXTENSION, **changes: object) -> list[dict[str, object]]:
    at = "2026-11-23T03:00:00+00:00"
    return [{"phone": PHONE, "text": "收到", "extension": extension, "at": at, **changes}]


def report(row: OutgoingMessage, **changes: object) -> list[dict[str, object]]:
    return [{"id": "ML1", "reference": row.code, "status": "arrived", "reason": None, **changes}]


def test_a_reply_by_sms_is_kept_as_it_came(services: Services, client: FlaskClient) -> None:
    answer = by_sms(client, services)

    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    [kept] = replies(services)
    assert (kept.provider, kept.provider_id, kept.channel) == ("stand-in", "SM1", "sms")
    assert (kept.sender, kept.body, kept.drill, kept.read_at) == (PHONE, "K71", False, None)


def test_the_same_reply_again_has_no_effect(services: Services, client: FlaskClient) -> None:
    for _ in range(3):
        assert by_sms(client, services).status_code == 200

    assert len(replies(services)) == 1


def test_a_reply_to_the_number_of_drills_is_one_of_a_drill(
    services: Services, client: FlaskClient
) -> None:
    by_sms(client, services, To=GATEWAY_DRILL_NUMBER)

    assert [one.drill for one in replies(services)] == [True]


def test_a_forged_or_unsigned_reply_is_refused(services: Services, client: FlaskClient) -> None:
    assert by_sms(client, services, token="forged").status_code == 403
    assert client.post("/callbacks/sms/inbound", data={"From": PHONE}).status_code == 403
    assert replies(services) == []


@pytest.mark.parametrize("missing", ["MessageSid", "From"])
def test_a_signed_reply_that_names_nobody_is_not_kept(
    services: Services, client: FlaskClient, missing: str
) -> None:
    assert by_sms(client, services, **{missing: ""}).status_code == 400
    assert replies(services) == []


@pytest.mark.parametrize("digits", ["1", "2"])
def test_a_key_that_counts_is_kept_and_answered(
    services: Services, client: FlaskClient, sent: OutgoingMessage, digits: str
) -> None:
    answer = by_key(client, services, sent, digits)

    assert answer.status_code == 200
    assert "<Hangup" in answer.text
    [kept] = replies(services)
    assert (kept.channel, kept.body, kept.message_code) == ("voice", digits, sent.code)
    assert kept.provider_id == f"CA1-{digits}"


def test_the_same_key_again_has_no_effect(
    services: Services, client: FlaskClient, sent: OutgoingMessage
) -> None:
    for _ in range(2):
        assert by_key(client, services, sent, "1").status_code == 200

    assert len(replies(services)) == 1


def test_no_key_at_all_is_no_answer(
    services: Services, client: FlaskClient, sent: OutgoingMessage
) -> None:
    answer = by_key(client, services, sent, "")

    assert "<Gather" in answer.text
    assert replies(services) == []


def test_a_forged_key_is_refused(
    services: Services, client: FlaskClient, sent: OutgoingMessage
) -> None:
    assert by_key(client, services, sent, "1", token="forged").status_code == 403
    assert by_key(client, services, sent, "1", code="another").status_code == 403
    assert client.post(f"/callbacks/voice/{sent.code}/keys").status_code == 403
    assert replies(services) == []


def test_a_key_of_one_message_cannot_be_played_at_another(
    services: Services, client: FlaskClient, sent: OutgoingMessage
) -> None:
    (id,) = queue_messages(services, make_incident(services), 1, first=2)
    other = message(services, id)

    assert by_key(client, services, sent, "1", code=other.code).status_code == 403


def test_a_call_that_was_picked_up_is_a_receipt_and_no_answer(
    services: Services, client: FlaskClient, sent: OutgoingMessage
) -> None:
    told = {"CallSid": "CA1", "CallStatus": "completed"}
    url = callback_url(services.settings, sent.code, channel="voice") or ""
    token = callback_token(services.settings, drill=False)
    signature = RequestValidator(token).compute_signature(url, told)
    address = f"/callbacks/voice/{sent.code}"

    signed = client.post(address, data=told, headers={"X-Twilio-Signature": signature})
    forged = client.post(address, data=told, headers={"X-Twilio-Signature": "x"})

    assert (signed.status_code, forged.status_code) == (204, 403)
    assert [one.status for one in receipts(services)] == ["completed"]
    assert replies(services) == []


def test_a_push_of_replies_is_kept_once_and_answered_as_agreed(
    services: Services, client: FlaskClient
) -> None:
    for _ in range(2):
        answer = push(client, services, "inbound", inbound())
        assert (answer.status_code, answer.json) == (200, {"code": 0})

    [kept] = replies(services)
    assert (kept.provider, kept.sender, kept.body) == ("stand-in-2", PHONE, "收到")
    assert (kept.message_code, kept.drill) == (None, False)


def test_the_extension_of_drills_makes_a_reply_one_of_a_drill(
    services: Services, client: FlaskClient
) -> None:
    push(client, services, "inbound", inbound(DRILL_EXTENSION))

    assert [one.drill for one in replies(services)] == [True]


def test_the_same_words_at_another_moment_are_another_reply(
    services: Services, client: FlaskClient
) -> None:
    push(client, services, "inbound", inbound() + inbound(at="2026-11-23T03:05:00+00:00"))

    assert len(replies(services)) == 2


def test_a_push_of_reports_is_kept_once(
    services: Services, client: FlaskClient, sent: OutgoingMessage
) -> None:
    lost = report(sent, status="lost", reason="UNREACHABLE")
    for _ in range(2):
        assert push(client, services, "report", report(sent) + lost).json == {"code": 0}

    kept = [(one.code, one.status, one.error_code) for one in receipts(services)]
    assert kept == [(sent.code, "delivered", None), (sent.code, "undelivered", "30003")]


def test_a_report_of_a_stranger_is_answered_and_not_kept(
    services: Services, client: FlaskClient, sent: OutgoingMessage
) -> None:
    told = report(sent, reference="nobody")

    assert push(client, services, "report", told).json == {"code": 0}
    assert receipts(services) == []


@pytest.mark.parametrize("what", ["report", "inbound"])
@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[1]", b"[{}]", b"<xml/>", b"[" + b"{}," * 200 + b"{}]"]
)
def test_a_signed_push_of_nonsense_is_not_kept(
    services: Services, client: FlaskClient, what: str, body: bytes
) -> None:
    assert push(client, services, what, body).status_code == 400
    assert replies(services) == receipts(services) == []


@pytest.mark.parametrize("what", ["report", "inbound"])
def test_a_forged_old_or_unsigned_push_is_refused(
    services: Services, client: FlaskClient, sent: OutgoingMessage, what: str
) -> None:
    told = inbound() if what == "inbound" else report(sent)

    assert push(client, services, what, told, secret="forged").status_code == 403
    assert push(client, services, what, told, age=timedelta(minutes=6)).status_code == 403
    assert client.post(f"/callbacks/gateway/{what}", json=told).status_code == 403
    assert replies(services) == receipts(services) == []
