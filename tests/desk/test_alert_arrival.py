"""What becomes of a message moves the ladder: delivered goes on, failed goes on at once."""

from datetime import timedelta

import pytest

from incident.models import OutgoingMessage
from incident.operations import delivery, outbox, refusals
from incident.operations.outbox import Claimed
from incident.services import Services
from notifications.message import NotProcessed
from tests.support.alerts import calls, later, newest_alert, people, to_phone
from tests.support.desk import make_incident

OFFICER, PHONE = "duty_officer", "+86100000000001"


@pytest.fixture
def first(services: Services) -> OutgoingMessage:
    """The duty officer's first message, which a provider has."""
    make_incident(services)
    (message,) = to_phone(services, PHONE)
    news(services, message, "sent")
    return message


def news(
    services: Services, message: OutgoingMessage, status: str, error_code: str | None = None
) -> None:
    with services.transaction() as session:
        delivery.advance(
            session,
            session.get_one(OutgoingMessage, message.id),
            status=status,
            provider_id=f"SM{message.id}",
            error_code=error_code,
            now=services.now(),
        )


def channels(services: Services) -> list[str]:
    return [channel for _, channel, _ in calls(services, OFFICER)]


def test_delivered_is_no_answer(services: Services, first: OutgoingMessage) -> None:
    news(services, first, "delivered")
    found = people(services)[OFFICER]
    assert (found.delivered_at, found.state) == (services.now(), "called")
    later(services, minutes=2)
    assert channels(services) == ["sms", "voice"]


@pytest.mark.parametrize("code", ["21211", "30004", "30005", "30036", None])
def test_a_failure_takes_the_next_channel_at_once(
    services: Services, first: OutgoingMessage, code: str | None
) -> None:
    news(services, first, "undelivered", code)
    later(services, seconds=1)
    assert channels(services) == ["sms", "voice"]


def test_a_handset_that_is_off_is_also_tried_once_more_after_three_minutes(
    services: Services, first: OutgoingMessage
) -> None:
    news(services, first, "undelivered", "30003")
    later(services, seconds=1)
    assert channels(services) == ["sms", "voice"]
    later(services, minutes=3)
    assert channels(services) == ["sms", "voice", "sms"]
    again = to_phone(services, PHONE)[-1]
    news(services, again, "undelivered", "30003")
    later(services, minutes=4)
    assert channels(services) == ["sms", "voice", "sms"]


def test_a_landline_is_rung_in_place_of_the_text(
    services: Services, first: OutgoingMessage
) -> None:
    with services.transaction() as session:
        delivery.give_up(
            session,
            session.get_one(OutgoingMessage, first.id),
            "refused",
            "21614",
            services.now(),
        )
    later(services, seconds=1)
    assert channels(services) == ["sms", "voice"]


def test_sent_and_not_delivered_for_three_minutes_goes_on(
    services: Services, first: OutgoingMessage
) -> None:
    later(services, minutes=2)
    call = to_phone(services, PHONE)[-1]
    news(services, call, "in-progress")
    before = people(services)[OFFICER].next_at
    assert before == services.now() + timedelta(seconds=180)
    later(services, minutes=3)
    assert channels(services) == ["sms", "voice", "sms"]


def test_a_late_failure_of_an_earlier_step_skips_nothing(
    services: Services, first: OutgoingMessage
) -> None:
    later(services, minutes=2)
    news(services, first, "undelivered", "30005")
    later(services, seconds=1)
    assert channels(services) == ["sms", "voice"]


@pytest.mark.parametrize(
    "closed",
    [NotProcessed(reason="401", configuration=True), NotProcessed(reason="rests", retry_after=30)],
    ids=["settings", "circuit"],
)
def test_a_closed_way_takes_the_next_channel_and_keeps_the_message(
    services: Services, closed: NotProcessed
) -> None:
    make_incident(services)
    with services.transaction() as session:
        claimed: list[Claimed] = outbox.claim(session, services.now(), limit=10)
    with services.transaction() as session:
        outbox.record(session, [(one, closed) for one in claimed], services.now())
    later(services, seconds=1)
    assert channels(services) == ["sms", "voice"]
    assert to_phone(services, PHONE)[0].state == "queued"


def test_a_provider_that_says_opted_out_is_heard_as_his_stop(
    services: Services, first: OutgoingMessage
) -> None:
    news(services, first, "undelivered", "21610")
    later(services, seconds=1)
    with services.reading() as session:
        assert refusals.opted_out(session) == {people(services)[OFFICER].user_id}
    told = [row for row in to_phone(services, "+86100000000002") if row.reason.startswith("stop")]
    assert {row.channel for row in told} == {"sms", "voice"}
    assert newest_alert(services).ended_at is None
