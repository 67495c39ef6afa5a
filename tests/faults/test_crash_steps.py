"""A crash between two writes of the engine leaves neither: what is one step is one transaction."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from twilio.request_validator import RequestValidator

from incident.app import create_app
from incident.channels import callback_token, callback_url
from incident.clock import FrozenClock
from incident.jobs.deliver import deliver
from incident.jobs.escalate import escalate
from incident.jobs.receipts import ask_after, merge
from incident.jobs.watch import watch
from incident.models import IncidentClock, OutgoingMessage, Receipt
from incident.operations import audit, outbox
from incident.operations.delivery import ASK_AFTER
from incident.services import Services
from notifications.message import Accepted
from tests.support.alerts import calls, entries, later, people, say, states
from tests.support.crashes import crash_at
from tests.support.desk import make_incident, open_services
from tests.support.outbox import channels_to, message, queue_messages, told
from tests.support.provider import Provider


def advance(services: Services, **passed: float) -> None:
    assert isinstance(services.clock, FrozenClock)
    services.clock.advance(timedelta(**passed))


def whole(services: Services) -> bool:
    with services.reading() as session:
        return audit.verify(session).is_whole


@pytest.mark.proves("A10")
def test_what_was_sent_and_its_entry_are_one(services: Services) -> None:
    (id,) = queue_messages(services, make_incident(services), 1, priority=-1)
    with services.transaction() as session:
        (claimed,) = outbox.claim(session, services.now(), limit=1)
    result = (claimed, Accepted(provider_id="SM1", status="queued"))

    with crash_at("delivery.before_entry"), services.transaction() as session:
        outbox.record(session, [result], services.now())
    assert (message(services, id).state, told(services, id)) == ("sending", [])

    with services.transaction() as session:
        outbox.record(session, [result], services.now())
    assert told(services, id) == ["message_sent"]
    assert whole(services)


@pytest.mark.proves("A15", "S6")
def test_an_answer_and_the_end_of_the_calls_are_one(services: Services) -> None:
    make_incident(services)
    later(services, minutes=2)
    before = states(services), calls(services)
    name = next(iter(before[0]))

    with crash_at("answer.before_withdraw"):
        say(services, name, "received")
    assert (states(services), calls(services)) == before

    assert say(services, name, "received")
    assert states(services)[name] == "answered"


@pytest.mark.proves("A16", "S4", "S6")
def test_a_step_and_its_messages_are_one(services: Services) -> None:
    make_incident(services)
    before = calls(services)
    advance(services, minutes=2)

    with crash_at("climb.before_queue"):
        escalate(services)
    assert calls(services) == before
    assert {one.step for one in people(services).values()} <= {0, 1}

    escalate(services)
    after = calls(services)
    assert len(after) > len(before)
    assert len(after) == len(set(after))


@pytest.mark.proves("A17", "S8")
def test_an_overdue_clock_and_its_call_are_one(services: Services) -> None:
    incident = make_incident(services)
    with services.reading() as session:
        due = session.scalars(
            select(IncidentClock.due_at).where(
                IncidentClock.due_at.is_not(None), IncidentClock.advisory.is_(False)
            )
        ).all()
    assert isinstance(services.clock, FrozenClock)
    services.clock.moment = max(at for at in due if at is not None)

    with crash_at("clock.before_call"):
        watch(services)
    assert "clock_overdue" not in entries(services, incident)

    watch(services)
    once = entries(services, incident).count("clock_overdue")
    assert once >= 1
    watch(services)
    assert entries(services, incident).count("clock_overdue") == once


def callback(client: FlaskClient, services: Services, row: OutgoingMessage, status: str) -> int:
    """Tell of a message as its provider does, signed; return the answer's status."""
    url = callback_url(services.settings, row.code) or ""
    form = {"MessageSid": "SM1", "MessageStatus": status}
    token = callback_token(services.settings, drill=False)
    signature = RequestValidator(token).compute_signature(url, form)
    headers = {"X-Twilio-Signature": signature}
    return client.post(f"/callbacks/sms/{row.code}", data=form, headers=headers).status_code


@pytest.mark.parametrize(
    ("place", "kept"),
    [
        pytest.param("callback.before_inbox", 0, marks=pytest.mark.proves("A11")),
        pytest.param("callback.after_inbox", 1, marks=pytest.mark.proves("A12")),
        pytest.param("receipts.before_merge", 1, marks=pytest.mark.proves("A13")),
    ],
)
def test_a_receipt_has_one_effect_wherever_the_desk_dies(
    services: Services, place: str, kept: int
) -> None:
    (id,) = queue_messages(services, make_incident(services), 1, priority=-1)
    with services.transaction() as session:
        outbox.claim(session, services.now(), limit=1)
    client, row = create_app(services).test_client(), message(services, id)
    with crash_at(place):
        callback(client, services, row, "delivered")
        merge(services)
    with services.reading() as session:
        assert session.scalar(select(func.count()).select_from(Receipt)) == kept

    assert callback(client, services, row, "delivered") == 204
    merge(services)

    assert message(services, id).state == "delivered"
    assert told(services, id) == ["message_sent", "message_delivered"]


@pytest.mark.proves("A11", "S4")
def test_a_receipt_that_never_comes_is_asked_for_within_three_minutes(
    desk_url: str, tmp_path: Path, provider: Provider
) -> None:
    channels = channels_to(provider)
    with open_services(desk_url, tmp_path / "desk", channels=channels) as services:
        (id,) = queue_messages(services, make_incident(services), 1, priority=-1)
        deliver(services)
        assert message(services, id).state in {"accepted", "sent"}
        advance(services, seconds=ASK_AFTER.total_seconds())
        assert timedelta(minutes=3) >= ASK_AFTER
        while message(services, id).state != "delivered":
            advance(services, seconds=ASK_AFTER.total_seconds())
            ask_after(services)
