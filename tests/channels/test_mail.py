"""Mail by SMTP, to a server that keeps it or fails at each step."""

from datetime import UTC, datetime

import pytest

from notifications.mail import SmtpMail
from notifications.message import Accepted, NotProcessed, Refused, Uncertain
from tests.support.provider import LONG_AGO, make_message
from tests.support.scripted_server import scripted_server, unused_port
from tests.support.smtp_sink import smtp_sink

NOW = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)
SENDER = "警钟 <tocsin@desk.example>"
TEXT = "【示例市市场监督管理局】启动Ⅱ级响应。"


def mail(url: str, *, timeout: float = 2) -> SmtpMail:
    return SmtpMail(url=url, sender=SENDER, stand_in=False, now=lambda: NOW, timeout=timeout)


def letter(**changes):
    return make_message(
        **{"to": "somebody@desk.example", "body": TEXT, "channel": "mail"} | changes
    )


def test_a_mail_arrives_as_it_was_written():
    with smtp_sink() as sink:
        outcome = mail(sink.url).send(letter(code="M-7"))
        [arrived] = sink.mails
    assert outcome == Accepted(provider_id="<M-7@desk.example>", status="sent", receipts=False)
    assert arrived["Subject"] == TEXT
    assert arrived["To"] == "somebody@desk.example"
    assert arrived["From"].addresses[0].addr_spec == "tocsin@desk.example"
    assert arrived["Date"].datetime == NOW
    assert arrived.get_content().strip() == TEXT
    assert sink.recipients == ["somebody@desk.example"]


def test_the_same_message_has_the_same_id_when_it_is_sent_again():
    with smtp_sink() as sink:
        outcomes = {mail(sink.url).send(letter(code="M-7")) for _ in range(2)}
        assert {str(arrived["Message-ID"]) for arrived in sink.mails} == {"<M-7@desk.example>"}
    assert len(outcomes) == 1


def test_a_long_text_has_a_short_subject():
    with smtp_sink() as sink:
        mail(sink.url).send(letter(body="示" * 300))
        [arrived] = sink.mails
    assert len(arrived["Subject"]) == 60
    assert arrived.get_content().strip() == "示" * 300


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"HELLO": "554 no"}, NotProcessed),
        ({"HELLO": ""}, NotProcessed),
        ({"EHLO": "", "HELO": ""}, NotProcessed),
        ({"MAIL": "451 later"}, NotProcessed),
        ({"MAIL": ""}, NotProcessed),
        ({"RCPT": "450 greylisted"}, NotProcessed),
        ({"RCPT": ""}, NotProcessed),
        ({"RCPT": "550 nobody"}, Refused),
        ({"DATA": "554 no"}, Refused),
        ({"DATA": "451 later"}, NotProcessed),
        ({"TEXT": "554 spam"}, Refused),
        ({"TEXT": "452 full"}, NotProcessed),
        ({"TEXT": ""}, Uncertain),
        ({"TEXT": "banana"}, Uncertain),
    ],
    ids=str,
)
def test_a_failure_is_judged_by_how_far_the_conversation_came(answers, expected):
    with smtp_sink(answers) as sink:
        assert isinstance(mail(sink.url).send(letter()), expected)
        assert sink.mails == []


def test_a_sender_that_the_server_does_not_want_is_a_matter_of_configuration():
    with smtp_sink({"MAIL": "550 not you"}) as sink:
        outcome = mail(sink.url).send(letter())
    assert outcome == NotProcessed(reason="the mail server answered 550", configuration=True)


def test_a_password_is_never_given_without_tls():
    with smtp_sink() as sink:
        outcome = mail(sink.url.replace("//", "//user:secret@")).send(letter())
    assert outcome == NotProcessed(reason="the mail server has no TLS", configuration=True)


def test_no_server_and_no_tls_are_not_processed():
    assert isinstance(mail(f"smtp://127.0.0.1:{unused_port()}").send(letter()), NotProcessed)
    with smtp_sink() as sink:
        url = sink.url.replace("smtp:", "smtps:")
        assert isinstance(mail(url).send(letter()), NotProcessed)


def test_a_server_that_says_nothing_holds_nobody_up():
    with scripted_server(lambda connection: connection.recv(1)) as address:
        url = address.replace("http:", "smtp:")
        assert isinstance(mail(url, timeout=0.2).send(letter()), NotProcessed)


@pytest.mark.parametrize("to", ["a@b.example\r\nBcc: c@d.example", "a@b.example\nX: y"])
def test_an_address_cannot_smuggle_in_a_header(to):
    with smtp_sink() as sink:
        outcome = mail(sink.url).send(letter(to=to))
        assert isinstance(outcome, Refused)
        assert sink.mails == []


@pytest.mark.parametrize("url", ["http://127.0.0.1", "127.0.0.1:25", "smtp://", ""])
def test_an_address_of_another_kind_is_refused_at_once(url):
    with pytest.raises(ValueError, match="smtp"):
        mail(url)


def test_a_sender_without_an_address_is_refused_at_once():
    with pytest.raises(ValueError, match="sender"):
        SmtpMail(url="smtp://127.0.0.1", sender="警钟", stand_in=False, now=lambda: NOW)


def test_a_mail_server_cannot_be_asked():
    channel = mail("smtp://127.0.0.1")
    assert channel.find(letter(), since=LONG_AGO) is None
    assert channel.look_up("<M-7@desk.example>") is None
