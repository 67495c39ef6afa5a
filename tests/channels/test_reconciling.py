"""After an uncertain send the provider is asked before anything is sent again."""

from datetime import timedelta

import pytest

from incident.clock import SystemClock
from notifications.channel import Channels
from notifications.message import Accepted, Uncertain
from tests.support.provider import LONG_AGO, make_message


@pytest.mark.parametrize("fault", [{"kind": "hang", "seconds": 3}, {"kind": "reset"}])
def test_a_message_that_was_taken_before_the_answer_was_lost_is_found(provider, fault):
    provider.set_faults(requests=[{**fault, "accept": True}])
    sender, message = provider.sms(timeout=(1, 1)), make_message()
    assert isinstance(sender.send(message), Uncertain)
    [found] = sender.find(message, since=SystemClock().now())
    [record] = provider.inbox()
    assert found.provider_id == record["sid"]


def test_a_message_that_was_never_taken_is_not_found(provider):
    provider.set_faults(requests=[{"kind": "reset"}])
    sender = provider.sms()
    sender.send(make_message())
    assert sender.find(make_message(), since=LONG_AGO) == []


def test_only_the_same_text_for_the_same_number_is_the_same_message(provider):
    sender, message = provider.sms(), make_message(body="启动Ⅱ级响应。")
    sender.send(make_message(body="已排除。"))
    sender.send(make_message(body="启动Ⅱ级响应。", to="+86100000000002"))
    assert sender.find(message, since=LONG_AGO) == []
    sender.send(message)
    assert len(sender.find(message, since=LONG_AGO)) == 1


def test_what_a_provider_puts_round_a_text_does_not_hide_it(provider):
    provider.post(
        "Messages.json",
        To=make_message().to,
        From=provider.from_number,
        Body="Sent from a trial account - " + make_message().body,
    )
    assert len(provider.sms().find(make_message(), since=LONG_AGO)) == 1


def test_a_message_of_long_ago_is_another_one(provider):
    provider.sms().send(make_message())
    later = SystemClock().now() + timedelta(minutes=10)
    assert provider.sms().find(make_message(), since=later) == []


def test_a_provider_that_cannot_be_asked_is_not_taken_for_one_that_found_nothing(provider):
    provider.set_faults(requests=[{"kind": "error", "status": 500, "on": "ask"}])
    assert provider.sms().find(make_message(), since=LONG_AGO) is None


def test_a_message_is_followed_by_asking_when_no_receipts_come(provider):
    channels = Channels(live={"sms": provider.sms()}, drill={})
    message = make_message()
    accepted = channels.send(message)
    assert isinstance(accepted, Accepted)
    sent = channels.look_up(message, accepted.provider_id)
    assert sent.provider_id == accepted.provider_id
    assert sent.status in {"queued", "sent", "delivered"}
    assert sent.error_code is None
    assert channels.look_up(message, "SM" + "f" * 32) is None


def test_a_call_is_found_by_its_number(provider):
    channels = Channels(live={}, drill={"voice": provider.voice()})
    message = make_message(drill=True, channel="voice", body="【演练】【示例】请即到岗。")
    accepted = channels.send(message)
    [found] = channels.find(message, since=LONG_AGO)
    assert found.provider_id == accepted.provider_id
    assert channels.look_up(message, accepted.provider_id).provider_id == accepted.provider_id


def test_a_channel_that_is_not_configured_can_tell_nothing():
    channels = Channels(live={}, drill={})
    assert channels.find(make_message(), since=LONG_AGO) is None
    assert channels.look_up(make_message(), "SM1") is None
