"""A process dies while a report is filed: the report is there once, or may be sent again."""

import io
from pathlib import Path

import pytest
import requests
from flask.testing import FlaskClient
from sqlalchemy import func, select
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from incident.app import create_app
from incident.channels import callback_token
from incident.db import Base
from incident.jobs.deliver import deliver
from incident.jobs.receipts import merge
from incident.models import (
    Alert,
    AlertPerson,
    Attachment,
    Entry,
    Incident,
    IncidentClock,
    Observation,
    OutgoingMessage,
    Report,
    Submission,
)
from incident.operations import audit
from incident.services import Services
from tests.support.crashes import crash_at
from tests.support.desk import make_incident, raw_report
from tests.support.history import check
from tests.support.leases import url_of
from tests.support.outbox import message, queue_messages, told
from tests.support.parts import Web, web_process
from tests.support.provider import Provider

PARTS: tuple[type[Base], ...] = (
    Alert,
    AlertPerson,
    Entry,
    Incident,
    IncidentClock,
    Observation,
    OutgoingMessage,
    Report,
    Submission,
)


@pytest.fixture
def client(desk: Services) -> FlaskClient:
    return create_app(desk).test_client()


def file(client: FlaskClient, token: str) -> TestResponse:
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k1"}
    return client.post("/api/v1/reports", json=raw_report(), headers=headers)


def rows(services: Services) -> dict[str, int]:
    with services.reading() as session:
        counts = {
            part.__tablename__: session.scalar(select(func.count()).select_from(part))
            for part in PARTS
        }
        assert audit.verify(session).is_whole
    return {name: count or 0 for name, count in counts.items()}


@pytest.mark.parametrize(
    "place",
    [
        pytest.param("intake.before_begin", marks=pytest.mark.proves("A1", "S1")),
        pytest.param("intake.after_report", marks=pytest.mark.proves("A2", "S1")),
        pytest.param("transaction.before_commit", marks=pytest.mark.proves("A3", "S1")),
        pytest.param("timeline.after_append", marks=pytest.mark.proves("A22")),
    ],
)
def test_what_was_not_committed_leaves_no_row_and_can_be_sent_again(
    desk: Services, client: FlaskClient, token: str, place: str
) -> None:
    before = rows(desk)
    with crash_at(place, at=2 if place == "transaction.before_commit" and is_sqlite(desk) else 1):
        file(client, token)
    assert rows(desk) == before

    again = file(client, token)

    assert again.status_code == 201
    assert "Idempotent-Replayed" not in again.headers
    assert rows(desk)["incidents"] == rows(desk)["reports"] == 1


def is_sqlite(services: Services) -> bool:
    """Say whether an incident's number is taken in a transaction of its own, before."""
    return services.engine.dialect.name == "sqlite"


@pytest.mark.proves("A4", "S1", "S7")
def test_a_report_that_was_committed_and_not_answered_keeps_its_number(
    desk: Services, token: str, provider: Provider, tmp_path: Path
) -> None:
    url = url_of(desk)
    with web_process(url, tmp_path, crash="intake.after_commit:1") as web:
        assert web.file(token, "k1") is None
    before = rows(desk)
    assert before["incidents"] == 1

    with web_process(url, tmp_path) as web:
        again = web.file(token, "k1")
        other = web.file(token, "k2")

    assert again is not None
    assert other is not None
    assert again.headers["Idempotent-Replayed"] == "true"
    numbers = [answer.json()["incident"]["number"] for answer in (again, other)]
    assert len(set(numbers)) == rows(desk)["incidents"] == 2
    held = check_reports(desk, provider, dict(zip(("k1", "k2"), numbers, strict=True)))
    assert held == []


def check_reports(services: Services, provider: Provider, acked: dict[str, str]) -> list[str]:
    """Return which of the reports that were answered are not there."""
    provider.journal.touch()
    held = check(services, provider.journal, attempted=acked, acked=acked)
    return [key for key in held.lost if key in acked]


@pytest.mark.proves("A5")
def test_what_was_answered_needs_no_wake_up_to_be_sent(
    desk: Services, client: FlaskClient, token: str, provider: Provider
) -> None:
    with crash_at("transaction.before_bell", at=2 if is_sqlite(desk) else 1):
        file(client, token)

    assert file(client, token).headers["Idempotent-Replayed"] == "true"
    deliver(desk)

    held = check(desk, provider.journal)
    assert held.lost == []
    assert held.messages > 0


@pytest.mark.proves("A21")
@pytest.mark.parametrize("place", ["store.before_rename", "upload.after_file"])
def test_a_row_never_points_to_bytes_that_are_not_there(
    desk: Services, client: FlaskClient, token: str, place: str
) -> None:
    number = make_incident(desk).number
    with crash_at(place):
        attach(client, number, token)
    assert dangling(desk) == []

    assert attach(client, number, token).status_code == 201
    assert dangling(desk) == []
    with desk.reading() as session:
        assert session.scalar(select(func.count()).select_from(Attachment)) == 1


def attach(client: FlaskClient, number: str, token: str) -> TestResponse:
    form = {"file": (io.BytesIO(b"a plain text"), "note.txt")}
    headers = {"Authorization": f"Bearer {token}"}
    return client.post(f"/api/v1/incidents/{number}/attachments", data=form, headers=headers)


def dangling(services: Services) -> list[str]:
    with services.reading() as session:
        wanted = session.scalars(select(Attachment.digest)).all()
    return sorted(set(wanted) - set(services.store.digests()))


@pytest.mark.proves("A12")
def test_a_receipt_that_was_kept_and_not_answered_is_kept_once(
    desk: Services, tmp_path: Path
) -> None:
    (id,) = queue_messages(desk, make_incident(desk), 1, priority=-1)
    code = message(desk, id).code
    with web_process(url_of(desk), tmp_path, crash="callback.after_inbox:1") as web:
        with pytest.raises(requests.ConnectionError):
            tell(web, desk, code)
        port = web.port
    assert merge(desk) == 1

    with web_process(url_of(desk), tmp_path, port=port) as web:
        assert tell(web, desk, code).status_code == 204
    assert merge(desk) == 0
    assert told(desk, id) == ["message_sent", "message_delivered"]


def tell(web: Web, services: Services, code: str) -> requests.Response:
    """Tell that a message was delivered, as its provider does."""
    url = f"{web.url}/callbacks/sms/{code}"
    form = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    token = callback_token(services.settings, drill=False)
    signature = RequestValidator(token).compute_signature(url, form)
    return requests.post(url, data=form, headers={"X-Twilio-Signature": signature}, timeout=30)
