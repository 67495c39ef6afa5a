"""The alert is read out by telephone, twice, and nothing in it is taken for an instruction."""

from xml.etree import ElementTree

import pytest

from notifications.message import Accepted, NotProcessed, Refused, Uncertain
from notifications.voice import LANGUAGE, spoken
from tests.support.provider import make_message

BODY = "【演练】【示例市市场监管局】启动Ⅱ级响应。"


def parsed(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(spoken(text))  # noqa: S314 - our own writing


def test_the_text_is_read_twice_in_chinese_with_breaths_for_brackets():
    response = parsed(BODY)
    said = response.findall("Say")
    assert [say.text for say in said] == ["演练 示例市市场监管局 启动Ⅱ级响应。"] * 2
    assert {say.get("language") for say in said} == {LANGUAGE}


@pytest.mark.parametrize("text", ["<Dial>+86100000000001</Dial>", "a & b", '"]]>', "{{7*7}}"])
def test_what_is_said_is_never_an_instruction(text):
    response = parsed(text)
    assert {element.tag for element in response} == {"Say", "Pause"}
    assert response.find("Say").text == text


def test_a_call_is_taken_by_the_provider(provider):
    outcome = provider.voice().send(make_message(body=BODY, channel="voice"))
    [record] = provider.inbox(kind="Calls")
    assert outcome == Accepted(provider_id=record["sid"], status="queued")
    assert record["sid"].startswith("CA")
    assert provider.inbox() == []


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ({"kind": "error", "status": 400, "code": 21217}, Refused),
        ({"kind": "error", "status": 400, "code": 21610}, Refused),
        ({"kind": "error", "status": 401, "code": 20003}, NotProcessed),
        ({"kind": "throttle"}, NotProcessed),
        ({"kind": "error", "status": 503}, Uncertain),
        ({"kind": "reset", "accept": True}, Uncertain),
        ({"kind": "garble", "accept": True}, Uncertain),
    ],
)
def test_a_call_that_fails_has_the_outcomes_of_a_message(provider, fault, outcome):
    provider.set_faults(requests=[fault])
    assert isinstance(provider.voice().send(make_message(channel="voice")), outcome)


def test_what_becomes_of_a_call_is_told_by_callback(provider, desk):
    provider.voice().send(make_message(channel="voice", callback_url=desk.url))
    told = [callback.form for callback in desk.wait_for(2)]
    assert [form["CallStatus"] for form in told] == ["in-progress", "completed"]
    assert {form["CallSid"] for form in told} == {provider.inbox(kind="Calls")[0]["sid"]}
