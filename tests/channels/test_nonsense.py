"""A provider that answers nonsense: always an outcome, never an exception."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifications.connection import MAX_ANSWER
from notifications.message import Accepted, NotProcessed, Refused, Uncertain
from notifications.sms import TwilioSms
from tests.support.provider import LONG_AGO, make_message
from tests.support.scripted_server import answer, http, scripted_server

OUTCOMES = (Accepted, NotProcessed, Uncertain, Refused)
BODIES = {
    "nothing": b"",
    "a page": b"<html>It works!</html>",
    "an empty object": b"{}",
    "a list": b"[]",
    "a number": b"7",
    "null": b"null",
    "a text": b'"SM1"',
    "no id": b'{"status": "queued"}',
    "an id that is null": b'{"sid": null}',
    "an id that is empty": b'{"sid": ""}',
    "an id that is a list": b'{"sid": ["SM1"]}',
    "an id without end": b'{"sid": "' + b"S" * 5000 + b'"}',
    "half an object": b'{"sid": "SM1", "status": "que',
    "bytes that are no text": b"\xff\xfe\x00",
    "a deep well": b"[" * 100_000,
    "a date that is none": b'{"sid": 1, "date_created": "99 Foo 99999 99:99:99"}',
    "a number without end": b'{"sid": ' + b"9" * 5000 + b"}",
}
HEADS = {
    "not HTTP": b"220 smtp.example ESMTP\r\n",
    "a head cut off": b"HTTP/1.1 201 Created\r\nContent-Le",
    "a body cut off": b'HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{"sid": "SM',
    "a bad chunk": b"HTTP/1.1 201 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
    "a bad length": b"HTTP/1.1 201 Created\r\nContent-Length: many\r\n\r\n{}",
    "a status that is none": b"HTTP/1.1 abc Fine\r\n\r\n",
    "too many heads": b"HTTP/1.1 201 OK\r\n" + b"A: b\r\n" * 500 + b"\r\n{}",
    "a head without end": b"HTTP/1.1 201 OK\r\nA: " + b"b" * 200_000 + b"\r\n\r\n{}",
    "a bad compression": b"HTTP/1.1 201 OK\r\nContent-Encoding: gzip\r\n\r\n{}",
    "nothing at all": b"",
}


def sms(base_url: str) -> TwilioSms:
    return TwilioSms(
        account_sid="AC1",
        auth_token="token",
        from_number="+86100000000099",
        base_url=base_url,
        stand_in=True,
        timeout=(1, 2),
    )


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_success_that_says_nothing_usable_is_uncertain(body):
    with scripted_server(http("201 Created", body)) as base_url:
        assert isinstance(sms(base_url).send(make_message()), Uncertain)


@pytest.mark.parametrize("raw", HEADS.values(), ids=HEADS)
def test_an_answer_that_is_broken_is_uncertain(raw):
    with scripted_server(answer(raw)) as base_url:
        assert isinstance(sms(base_url).send(make_message()), Uncertain)


def test_an_answer_without_end_is_not_read_to_the_end():
    body = b'{"sid": "SM1", "junk": "' + b"x" * (4 * MAX_ANSWER) + b'"}'
    with scripted_server(http("201 Created", body)) as base_url:
        assert isinstance(sms(base_url).send(make_message()), Uncertain)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_an_error_that_says_nothing_usable_is_judged_by_its_status(body):
    with scripted_server(http("400 Bad Request", body)) as base_url:
        assert isinstance(sms(base_url).send(make_message()), NotProcessed)


def test_a_problem_document_is_read_as_the_newer_services_write_it():
    problem = {"type": "about:blank", "title": "No", "status": 400, "code": 21610}
    with scripted_server(http("400 Bad Request", json.dumps(problem).encode())) as base_url:
        assert isinstance(sms(base_url).send(make_message()), Refused)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)
fields = st.sampled_from(["sid", "status", "code", "message", "type", "title", "date_created"])


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    status=st.sampled_from(["200 OK", "201 Created", "302 Found", "400 Bad", "503 Away"]),
    body=st.dictionaries(fields, values) | values,
)
def test_whatever_json_comes_there_is_an_outcome(status, body):
    with scripted_server(http(status, json.dumps(body).encode())) as base_url:
        assert isinstance(sms(base_url).send(make_message()), OUTCOMES)


@pytest.mark.parametrize("status", ["200 OK", "404 Not Found", "429 Too Many", "500 Broken"])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_question_that_is_answered_with_nonsense_was_not_answered(status, body):
    with scripted_server(http(status, body)) as base_url:
        assert sms(base_url).find(make_message(), since=LONG_AGO) is None
        assert sms(base_url).look_up("SM1") is None
