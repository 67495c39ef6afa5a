"""The gateway of the mainland: registered texts, signed requests, and what its answers mean."""

from datetime import UTC, datetime, timedelta

import pytest
import yaml

from notifications import gateway_signature
from notifications.message import Accepted, NotProcessed, Refused, Uncertain
from notifications.registered import join, part, registered
from notifications.text import Alert, Purpose, compose, fold, marked
from templates import ROOT
from tests.support.provider import LONG_AGO, make_message
from tests.support.scripted_server import http, scripted_server, unused_port

ALERT = Alert(
    number="20261123-001", kind="food", grade="II", place="示例市示例区", ill=134, deaths=2
)
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def text(purpose=Purpose.REPORTED, *, drill=False, **more) -> str:
    return compose(purpose, organisation="示例市市场监督管理局", drill=drill, alert=ALERT, **more)


def send(provider, **fault):
    provider.set_faults(requests=[fault])
    return provider.mainland().send(make_message(body=text()))


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize("drill", [False, True])
@pytest.mark.parametrize("code", [None, "K7"])
def test_every_text_of_the_desk_fits_a_registered_one_and_comes_out_the_same(purpose, drill, code):
    for body in (
        text(purpose, drill=drill, code=code),
        marked(text(purpose, drill=drill), resent=True),
    ):
        parted = part(body)
        assert parted is not None
        assert parted.template == ("drill-" if drill else "") + purpose
        assert parted.signature == ("演练" if drill else "示例市市场监督管理局")
        assert join(parted) == body


@pytest.mark.parametrize("drill", [False, True])
def test_folded_alerts_and_answers_to_answers_fit_too(drill):
    office = "示例市市场监督管理局"
    items = [("K7", "SP20261123-001"), ("AB", "SP20261123-002")]
    mark = "【演练】" if drill else ""
    answers = yaml.safe_load((ROOT / "messages" / "replies.yaml").read_text("utf-8"))["answers"]
    bodies = [
        fold(items, organisation=office, drill=drill, can_reply=True),
        fold(items, organisation=office, drill=drill, can_reply=False),
        *(
            f"{mark}【{office}】{text.format(code='K7', count=2, codes='K7、AB')}"
            for text in answers.values()
        ),
    ]
    for body in bodies:
        parted = part(body)
        assert parted is not None, body
        assert join(parted) == body


@pytest.mark.parametrize("body", ["没有签名", "【示例】没有登记过的话", "", "【】", "【甲】"])
def test_a_text_that_nobody_registered_is_not_sent_this_way(provider, body):
    outcome = provider.mainland().send(make_message(body=body))
    assert outcome == NotProcessed(reason="no registered text fits", configuration=True, route=True)


def test_a_text_without_an_id_of_its_own_is_not_sent_this_way(provider):
    outcome = provider.mainland(templates={}).send(make_message(body=text()))
    assert isinstance(outcome, NotProcessed)
    assert outcome.route


def test_what_is_taken_shows_on_the_telephone_word_for_word(provider):
    body = text(code="K7")
    outcome = provider.mainland().send(make_message(code="M9", body=body))
    page = provider.ask("GET", "/phones/+86100000000001", auth=None).text
    assert isinstance(outcome, Accepted)
    assert body in page
    assert "经国内网关" in page


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ({"kind": "refuse", "code": 1001}, (NotProcessed, True, None)),
        ({"kind": "refuse", "code": 2001}, (NotProcessed, True, None)),
        ({"kind": "refuse", "code": 2002}, (NotProcessed, True, None)),
        ({"kind": "refuse", "code": 3003}, (NotProcessed, True, None)),
        ({"kind": "refuse", "code": 3001}, (NotProcessed, False, 5.0)),
        ({"kind": "refuse", "code": 9999}, (NotProcessed, False, None)),
        ({"kind": "throttle", "retry_after": 7}, (NotProcessed, False, 7.0)),
        ({"kind": "error", "status": 401}, (NotProcessed, True, None)),
        ({"kind": "error", "status": 400}, (NotProcessed, False, None)),
        ({"kind": "refuse", "code": 5001, "accept": True}, Uncertain),
        ({"kind": "error", "status": 503, "accept": True}, Uncertain),
        ({"kind": "error", "status": 500}, Uncertain),
        ({"kind": "reset", "accept": True}, Uncertain),
        ({"kind": "reset"}, Uncertain),
        ({"kind": "hang", "accept": True}, Uncertain),
        ({"kind": "garble", "accept": True}, Uncertain),
        ({"kind": "refuse", "code": 2101}, Refused),
        ({"kind": "refuse", "code": 2102}, Refused),
    ],
    ids=lambda row: (
        f"{row.get('kind')}-{row.get('code') or row.get('status', '')}"
        if isinstance(row, dict)
        else ""
    ),
)
def test_what_each_answer_means_for_a_message(provider, fault, outcome):
    got = send(provider, **fault)
    if isinstance(outcome, tuple):
        kind, configuration, wish = outcome
        assert isinstance(got, kind)
        assert (got.configuration, got.retry_after) == (configuration, wish)
    else:
        assert isinstance(got, outcome)


def test_silence_is_uncertain_and_a_refused_connection_is_not(provider):
    provider.set_faults(requests=[{"kind": "hang", "seconds": 3, "accept": True}])
    slow = provider.mainland(timeout=(1, 1))
    assert isinstance(slow.send(make_message(body=text())), Uncertain)
    nobody = provider.mainland(base_url=f"http://127.0.0.1:{unused_port()}")
    assert isinstance(nobody.send(make_message(body=text())), NotProcessed)


@pytest.mark.parametrize(
    "body", [b"[]", b"null", b'{"code":0}', b'{"code":"0","id":"1"}', b"<html>"]
)
def test_nonsense_is_uncertain(provider, body):
    with scripted_server(http("200 OK", body)) as base_url:
        outcome = provider.mainland(base_url=base_url).send(make_message(body=text()))
    assert isinstance(outcome, Uncertain)


def test_what_was_taken_without_an_answer_is_found_by_our_own_reference(provider):
    gateway = provider.mainland()
    provider.set_faults(requests=[{"kind": "hang", "accept": True, "times": 1}])
    assert isinstance(gateway.send(make_message(code="M1", body=text())), Uncertain)
    gateway.send(make_message(code="M2", body=text()))
    [found] = gateway.find(make_message(code="M1", body=text()), since=LONG_AGO)
    assert gateway.look_up(found.provider_id).provider_id == found.provider_id
    assert gateway.find(make_message(code="M3", body=text()), since=LONG_AGO) == []


@pytest.mark.parametrize(
    "fault", [{"kind": "error"}, {"kind": "garble"}, {"kind": "refuse", "code": 5001}]
)
def test_a_gateway_that_cannot_be_asked_says_neither_yes_nor_no(provider, fault):
    provider.set_faults(requests=[fault | {"on": "ask"}])
    gateway = provider.mainland()
    assert gateway.find(make_message(body=text()), since=LONG_AGO) is None
    assert gateway.look_up("ML1") is None


def test_the_balance_is_told_or_unknown(provider):
    assert provider.mainland().balance() == 10_000
    assert provider.mainland(base_url=f"http://127.0.0.1:{unused_port()}").balance() is None
    assert provider.mainland(secret="wrong").balance() is None


def test_a_wrong_secret_is_a_matter_of_configuration(provider):
    outcome = provider.mainland(secret="wrong").send(make_message(body=text()))
    assert isinstance(outcome, NotProcessed)
    assert outcome.configuration


def test_the_texts_to_register_bear_their_parameters():
    assert "{place}" in registered()["reported"]
    assert all(text.endswith("{tail}") for text in registered().values())


def headers(**changes):
    asked = {"key": "k", "secret": "s", "path": "/a", "nonce": "n", "body": b"{}", "now": NOW}
    return gateway_signature.signed(**(asked | changes))


def believed(signed, **changes):
    asked = {"key": "k", "secret": "s", "path": "/a", "body": b"{}", "now": NOW}
    return gateway_signature.is_signed(signed, **(asked | changes))


def test_a_true_signature_is_believed_for_five_minutes():
    assert believed(headers())
    assert believed(headers(), now=NOW + timedelta(minutes=5))
    assert not believed(headers(), now=NOW + timedelta(minutes=5, seconds=1))
    assert not believed(headers(), now=NOW - timedelta(minutes=6))


@pytest.mark.parametrize(
    "change", [{"body": b"[]"}, {"path": "/b"}, {"secret": "t"}, {"key": "l"}, {"secret": ""}]
)
def test_whatever_is_changed_makes_the_signature_untrue(change):
    assert not believed(headers(), **change)


@pytest.mark.parametrize(
    "name", [gateway_signature.SIGN, gateway_signature.TIME, gateway_signature.KEY]
)
@pytest.mark.parametrize("value", ["", "x", "签名", "9" * 99, "-1"])
def test_a_missing_or_made_up_header_is_refused(name, value):
    assert not believed(headers() | {name: value})
