"""The alert is read out by telephone, twice; nothing in it is an instruction, only a key counts."""

from xml.etree import ElementTree

import pytest
from twilio.request_validator import RequestValidator

from notifications.keypad import LANGUAGE, answered, spoken
from notifications.message import Accepted, NotProcessed, Refused, Uncertain
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


KEYS = "https://desk.example/callbacks/voice/M1/keys"


def test_a_key_is_asked_for_each_time_that_the_text_is_read():
    [asking, goodbye] = list(ElementTree.fromstring(spoken(BODY, keys_url=KEYS)))  # noqa: S314
    assert (asking.tag, asking.get("numDigits"), asking.get("action")) == ("Gather", "1", KEYS)
    said = [say.text for say in asking.findall("Say")]
    assert said[0] == said[2] == "演练 示例市市场监管局 启动Ⅱ级响应。"
    assert said[1] == said[3]
    assert "按1" in said[1]
    assert "按2" in said[1]
    assert "未确认" in goodbye.text


@pytest.mark.parametrize("digits", ["1", "2"])
def test_a_key_that_counts_is_answered_and_ends_the_call(digits):
    response = ElementTree.fromstring(answered(digits, keys_url=KEYS))  # noqa: S314
    assert [element.tag for element in response] == ["Say", "Hangup"]


@pytest.mark.parametrize("digits", ["", "3", "0", "*", "12", "１", "<Dial/>"])
def test_any_other_key_is_asked_for_again_and_confirms_nothing(digits):
    response = ElementTree.fromstring(answered(digits, keys_url=KEYS))  # noqa: S314
    assert response[0].tag == "Gather"
    assert "未确认" in response.findall("Say")[-1].text
    assert response.find("Hangup") is None


@pytest.mark.parametrize(
    ("plan", "statuses"),
    [
        ({"answer": "pick-up"}, ["ringing", "in-progress", "completed"]),
        ({"answer": "busy"}, ["ringing", "busy"]),
        ({"answer": "no-answer"}, ["ringing", "no-answer"]),
    ],
    ids=["hung-up", "busy", "no-answer"],
)
def test_no_answer_and_busy_and_hanging_up_are_told_apart(provider, desk, plan, statuses):
    provider.set_faults(calls=plan)
    provider.voice().send(make_message(channel="voice", callback_url=desk.url))
    told = [callback.form for callback in desk.wait_for(len(statuses))]
    assert [form["CallStatus"] for form in told] == statuses
    assert {form["CallSid"] for form in told} == {provider.inbox(kind="Calls")[0]["sid"]}


def test_a_key_comes_to_the_address_of_keys_with_a_true_signature(provider, desk):
    provider.set_faults(calls={"answer": "pick-up", "keys": "1"})
    provider.voice().send(make_message(channel="voice", callback_url=desk.url))
    told = desk.wait_for(4)
    [pressed] = [one for one in told if "Digits" in one.form]
    assert pressed.form["Digits"] == "1"
    signer = RequestValidator(provider.auth_token)
    assert signer.validate(f"{desk.url}/keys", pressed.form, pressed.signature)


def test_a_call_that_nobody_answers_rings_until_somebody_does_something(provider, desk):
    provider.voice().send(make_message(channel="voice", callback_url=desk.url))
    desk.wait_for(1)
    [record] = provider.inbox(kind="Calls")
    assert record["status"] == "ringing"
    page = f"/phones/{record['to']}/calls/{record['sid']}"
    for what in ("pick-up", "hang-up"):
        assert provider.ask("POST", f"{page}/{what}", auth=None, allow_redirects=False).ok
    assert [one.form["CallStatus"] for one in desk.wait_for(3)] == [
        "ringing",
        "in-progress",
        "completed",
    ]
