"""At the stand-in's page somebody answers for whoever was called, and only at that page."""

from dataclasses import replace

import pytest

from drills.gateway.journal import Journal
from drills.gateway.mail import MailSink
from drills.gateway.store import MAIL, Store
from incident.clock import SystemClock
from notifications.mail import SmtpMail
from notifications.message import Accepted
from notifications.receipt import is_signed
from tests.support.provider import make_message, running_gateway

PHONE = "+86100000000001"


def do(provider, path: str, **rest):
    return provider.ask("POST", f"/phones/{PHONE}/{path}", auth=None, allow_redirects=False, **rest)


def arrived(provider, desk) -> str:
    return provider.sms().send(make_message(callback_url=desk.url)).provider_id


def test_a_reply_is_posted_to_the_desk_with_a_true_signature(provider, desk):
    sid = arrived(provider, desk)
    assert do(provider, f"messages/{sid}/reply", data={"text": " K71 "}).status_code == 303
    came = desk.wait_for(3)
    [told] = [one for one in came if one.form.get("SmsStatus") == "received"]
    assert (told.form["From"], told.form["To"]) == (PHONE, provider.from_number)
    assert told.form["Body"] == "K71"
    url = desk.url.rpartition("/")[0] + "/inbound"
    assert is_signed(
        url=url, form=told.form, signature=told.signature, tokens=[provider.auth_token]
    )


def test_a_reply_stands_on_its_telephone(provider, desk):
    sid = arrived(provider, desk)
    do(provider, f"messages/{sid}/reply", data={"text": "已收到"})
    page = provider.ask("GET", f"/phones/{PHONE}", auth=None).text
    assert page.count("is-reply") == 1
    assert "已收到" in page


def test_the_answers_that_a_message_asks_for_are_ready(provider, desk):
    body = "【示例】接报。回K7加1收到2动身3不能"
    provider.sms().send(make_message(body=body, callback_url=desk.url))
    page = provider.ask("GET", "/", auth=None).text
    assert [f'value="K7{answer}"' in page for answer in "123"] == [True] * 3


def test_a_message_that_nobody_hears_of_cannot_be_answered(provider):
    sid = provider.sms().send(make_message()).provider_id
    assert "gateway-reply" not in provider.ask("GET", "/", auth=None).text
    assert do(provider, f"messages/{sid}/reply", data={"text": "1"}).status_code == 400


@pytest.mark.parametrize("origin", ["http://attacker.example", "null", "http://127.0.0.1:1"])
def test_another_page_cannot_make_a_browser_answer(provider, desk, origin):
    sid = arrived(provider, desk)
    answer = do(provider, f"messages/{sid}/reply", data={"text": "1"}, headers={"Origin": origin})
    assert answer.status_code == 403


def test_its_own_page_can(provider, desk):
    sid = arrived(provider, desk)
    own = {"Origin": provider.base_url}
    assert do(provider, f"messages/{sid}/reply", data={"text": "1"}, headers=own).status_code == 303


def test_a_stranger_to_this_machine_needs_the_token(tmp_path, desk):
    with running_gateway(tmp_path / "j", open_inbox=False) as provider:
        sid = arrived(provider, desk)
        assert do(provider, f"messages/{sid}/reply", data={"text": "1"}).status_code == 401


@pytest.mark.parametrize("path", ["messages/SM1/reply", "calls/CA1/pick-up", "calls/CA1/press"])
def test_what_is_not_on_this_telephone_cannot_be_answered(provider, path):
    assert do(provider, path, data={"text": "1", "key": "1"}).status_code == 404


def ringing(provider, desk) -> str:
    sid = provider.voice().send(make_message(channel="voice", callback_url=desk.url)).provider_id
    desk.wait_for(1)
    return sid


@pytest.mark.parametrize(("what", "status"), [("refuse", "busy"), ("ignore", "no-answer")])
def test_a_call_that_is_not_taken_ends_as_it_was_meant(provider, desk, what, status):
    sid = ringing(provider, desk)
    do(provider, f"calls/{sid}/{what}")
    assert [one.form["CallStatus"] for one in desk.wait_for(2)] == ["ringing", status]


def test_what_comes_too_late_does_nothing(provider, desk):
    sid = ringing(provider, desk)
    do(provider, f"calls/{sid}/refuse")
    for what in ("pick-up", "hang-up", "ignore", "press"):
        assert do(provider, f"calls/{sid}/{what}", data={"key": "1"}).status_code == 303
    assert provider.inbox(kind="Calls")[0]["status"] == "busy"
    assert do(provider, f"calls/{sid}/explode").status_code == 404


def test_a_mail_ends_in_the_stand_in_with_its_link(tmp_path):
    store = Store(Journal(tmp_path / "j"), now=SystemClock().now)
    sink = MailSink(store)
    mail = SmtpMail(
        url=f"smtp://127.0.0.1:{sink.port}",
        sender="desk@example.invalid",
        stand_in=True,
        now=SystemClock().now,
    )
    message = make_message(to="a@example.invalid", channel="mail")
    link = "https://desk.example/answer/M1"
    try:
        assert isinstance(mail.send(replace(message, link=link)), Accepted)
        [kept] = store.newest(to="a@example.invalid")
    finally:
        sink.close()
        store.close()
    assert kept.kind == MAIL
    assert message.body in kept.body
    assert kept.body.endswith(link)
