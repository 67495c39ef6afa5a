"""What the desk is told: signed, in order, or as badly as a test wants it."""

import pytest

from notifications.receipt import BadSignature, read
from tests.support.provider import AUTH_TOKEN, make_message, running_gateway


def statuses(callbacks) -> list[str]:
    return [callback.form["MessageStatus"] for callback in callbacks]


def believed(desk, callback):
    return read(url=desk.url, form=callback.form, signature=callback.signature, tokens=[AUTH_TOKEN])


def send(provider, desk, **callbacks):
    provider.set_faults(callbacks=callbacks)
    return provider.sms().send(make_message(callback_url=desk.url))


def test_sent_and_delivered_are_told_with_a_true_signature(provider, desk):
    accepted = send(provider, desk)
    told = desk.wait_for(2)
    assert statuses(told) == ["sent", "delivered"]
    assert {believed(desk, callback).provider_id for callback in told} == {accepted.provider_id}
    [record] = provider.inbox()
    assert record["status"] == "delivered"
    assert record["date_sent"] is not None


def test_a_failure_is_told_with_its_code(provider, desk):
    send(provider, desk, final="undelivered", error_code=30003)
    last = believed(desk, desk.wait_for(2)[-1])
    assert (last.status, last.error_code) == ("undelivered", 30003)
    assert provider.inbox()[0]["error_code"] == 30003


def test_callbacks_may_come_several_times(provider, desk):
    send(provider, desk, copies=3)
    assert statuses(desk.wait_for(6)) == ["sent"] * 3 + ["delivered"] * 3


def test_callbacks_may_come_last_first(provider, desk):
    send(provider, desk, reordered=True)
    assert statuses(desk.wait_for(2)) == ["delivered", "sent"]


def test_a_forged_callback_is_not_believed(provider, desk):
    send(provider, desk, forged=True)
    for callback in desk.wait_for(2):
        with pytest.raises(BadSignature):
            believed(desk, callback)


def test_a_callback_may_be_for_a_message_that_nobody_knows(provider, desk):
    accepted = send(provider, desk, unknown=True)
    assert believed(desk, desk.wait_for(1)[0]).provider_id != accepted.provider_id


def test_a_message_may_stay_where_the_plan_leaves_it(provider, desk):
    send(provider, desk, final="sent")
    provider.set_faults()
    provider.sms().send(make_message(body="二", callback_url=desk.url))
    assert statuses(desk.wait_for(3)).count("delivered") == 1


def test_without_callbacks_the_truth_can_still_be_asked_for(provider, desk):
    send(provider, desk, send=False)
    provider.set_faults()
    provider.sms().send(make_message(body="二", callback_url=desk.url))
    desk.wait_for(2)
    assert len(desk.came) == 2
    assert provider.texts() == ["二", make_message().body]


def test_a_desk_that_fails_is_told_again(provider, desk):
    desk.statuses = [500]
    send(provider, desk)
    assert sorted(statuses(desk.wait_for(3))) == ["delivered", "sent", "sent"]


def test_a_desk_that_refuses_is_not_told_again(provider, desk):
    desk.statuses = [403]
    send(provider, desk)
    assert statuses(desk.wait_for(2)) == ["sent", "delivered"]


def test_what_was_under_way_goes_on_after_a_restart(tmp_path, desk):
    journal = tmp_path / "journal.jsonl"
    with running_gateway(journal, pace=60) as provider:
        provider.sms().send(make_message(callback_url=desk.url))
    with running_gateway(journal) as provider:
        assert statuses(desk.wait_for(2)) == ["sent", "delivered"]
