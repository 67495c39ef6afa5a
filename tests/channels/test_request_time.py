"""Each row of the request-time table of the reliability design, over real HTTP."""

import json

import pytest

from notifications.message import Accepted, NotProcessed, Refused, Uncertain
from notifications.provider import CLOSED_ROUTE
from notifications.sms import TwilioSms
from tests.support.provider import make_message, running_gateway
from tests.support.scripted_server import (
    http,
    reset,
    scripted_server,
    silence,
    unused_port,
)

CONFIGURATION = [20003, 20404, 30002, 21210, 21212, 21603, 21606, 21408, 21612, 21215, 21216, 60220]
BAD_NUMBERS = [21211, 21214, 21217, 21604, 30005, 21614, 30006, 21610]
TRANSIENT = [21611, 30001, 20001, 99999]


def sms(base_url: str, *, timeout: tuple[float, float] = (1, 1)) -> TwilioSms:
    return TwilioSms(
        account_sid="AC1",
        auth_token="token",
        from_number="+86100000000099",
        base_url=base_url,
        stand_in=True,
        timeout=timeout,
    )


def send(provider, **fault):
    provider.set_faults(requests=[fault])
    return provider.sms().send(make_message())


def test_a_message_that_is_taken_is_accepted_under_the_providers_id(provider):
    outcome = provider.sms().send(make_message(body="【示例】你好"))
    [record] = provider.inbox()
    assert outcome == Accepted(provider_id=record["sid"], status="queued")
    assert record["body"] == "【示例】你好"


def test_a_refused_connection_was_not_processed():
    outcome = sms(f"http://127.0.0.1:{unused_port()}").send(make_message())
    assert outcome == NotProcessed(reason="no connection: ConnectionError")


def test_an_unknown_name_was_not_processed():
    outcome = sms("http://nobody.invalid").send(make_message())
    assert outcome == NotProcessed(reason="no connection: ConnectionError")


def test_a_failed_handshake_was_not_processed(provider):
    outcome = sms(provider.base_url.replace("http:", "https:")).send(make_message())
    assert outcome == NotProcessed(reason="no connection: SSLError")
    assert provider.inbox() == []


@pytest.mark.parametrize("wish", [0, 1, 30])
def test_too_many_requests_were_not_processed_and_say_how_long_to_wait(provider, wish):
    outcome = send(provider, kind="throttle", retry_after=wish)
    assert outcome == NotProcessed(
        reason="the provider answered HTTP 429, error 20429", retry_after=wish
    )
    assert provider.inbox() == []


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("999999999999", 3600.0),
        ("-5", None),
        ("1.5", None),
        ("nan", None),
        ("٣", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("", None),
    ],
)
def test_a_wish_to_wait_is_read_only_when_it_is_plain_seconds(header, seconds):
    script = http("429 Too Many Requests", b"{}", headers=(f"Retry-After: {header}",))
    with scripted_server(lambda c: script(c)) as base_url:
        outcome = sms(base_url).send(make_message())
    assert outcome == NotProcessed(
        reason="the provider answered HTTP 429, error None", retry_after=seconds
    )


def test_a_throttle_without_a_wish_leaves_it_unknown(provider):
    outcome = send(provider, kind="throttle", retry_after=None)
    assert outcome == NotProcessed(
        reason="the provider answered HTTP 429, error 20429", retry_after=None
    )


@pytest.mark.parametrize("accept", [True, False])
def test_silence_is_uncertain(provider, accept):
    provider.set_faults(requests=[{"kind": "hang", "seconds": 3, "accept": accept}])
    outcome = provider.sms(timeout=(1, 1)).send(make_message())
    assert outcome == Uncertain(reason="the connection broke: ReadTimeout")
    assert len(provider.inbox()) == accept


@pytest.mark.parametrize("accept", [True, False])
def test_a_connection_that_breaks_is_uncertain(provider, accept):
    outcome = send(provider, kind="reset", accept=accept)
    assert outcome == Uncertain(reason="the connection broke: ConnectionError")
    assert len(provider.inbox()) == accept


def test_a_connection_that_ends_without_an_answer_is_uncertain(provider):
    outcome = send(provider, kind="hang")
    assert outcome == Uncertain(reason="the connection broke: ConnectionError")


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_failure_of_the_provider_is_uncertain(provider, status):
    outcome = send(provider, kind="error", status=status)
    assert outcome == Uncertain(reason=f"the provider answered HTTP {status}, error {status}")


@pytest.mark.parametrize("accept", [True, False])
def test_an_answer_that_is_not_json_is_uncertain(provider, accept):
    outcome = send(provider, kind="garble", accept=accept)
    assert outcome == Uncertain(reason="the answer was not understood: Garbled")
    assert len(provider.inbox()) == accept


def test_an_answer_that_trickles_is_uncertain_when_its_time_is_up(provider):
    provider.set_faults(requests=[{"kind": "trickle", "seconds": 0.05, "accept": True}])
    outcome = provider.sms(timeout=(0.5, 0.5)).send(make_message())
    assert outcome == Uncertain(reason="the answer was not understood: Garbled")
    assert len(provider.inbox()) == 1


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_only_the_settings_can_mend_is_a_matter_of_configuration(provider, status):
    outcome = send(provider, kind="error", status=status)
    assert isinstance(outcome, NotProcessed)
    assert outcome.configuration


def test_a_wrong_token_is_a_matter_of_configuration(provider):
    outcome = sms(provider.base_url).send(make_message())
    assert outcome == NotProcessed(
        reason="the provider answered HTTP 401, error 20003", configuration=True
    )


@pytest.mark.parametrize("code", CONFIGURATION)
def test_a_code_about_the_account_or_the_route_is_a_matter_of_configuration(provider, code):
    outcome = send(provider, kind="error", status=400, code=code)
    reason = f"the provider answered HTTP 400, error {code}"
    closed = code in CLOSED_ROUTE
    assert outcome == NotProcessed(reason=reason, configuration=True, route=closed)


def test_a_redirection_is_a_matter_of_configuration_and_never_followed(provider):
    script = http("307 Temporary Redirect", b"", headers=(f"Location: {provider.base_url}/",))
    with scripted_server(script) as base_url:
        outcome = sms(base_url).send(make_message())
    assert isinstance(outcome, NotProcessed)
    assert outcome.configuration
    assert provider.inbox() == []


@pytest.mark.parametrize("code", BAD_NUMBERS)
def test_a_number_that_cannot_be_reached_is_refused(provider, code):
    outcome = send(provider, kind="error", status=400, code=code)
    reason = f"the provider answered HTTP 400, error {code}"
    assert outcome == Refused(code=str(code), reason=reason)


@pytest.mark.parametrize("code", [21602, 21617, 21619])
def test_a_text_that_cannot_be_sent_is_refused(provider, code):
    assert isinstance(send(provider, kind="error", status=400, code=code), Refused)


@pytest.mark.parametrize("code", TRANSIENT)
def test_a_full_queue_or_an_unknown_error_was_not_processed(provider, code):
    outcome = send(provider, kind="error", status=400, code=code)
    assert outcome == NotProcessed(reason=f"the provider answered HTTP 400, error {code}")


def test_a_callback_that_is_refused_is_left_out_and_the_message_is_marked(provider):
    message = make_message(callback_url="https://desk.example/callbacks/sms/M1")
    outcome = provider.sms().send(message)
    assert isinstance(outcome, Accepted)
    assert not outcome.receipts
    assert len(provider.inbox()) == 1


def test_the_magic_numbers_of_the_provider_are_refused_each_for_its_reason(provider):
    outcomes = [
        provider.sms().send(make_message(to=f"+1500555000{last}")) for last in (1, 2, 3, 4, 9)
    ]
    codes = [o.code if isinstance(o, Refused) else o.configuration for o in outcomes]
    assert codes == ["21211", True, True, "21610", "21614"]


def test_an_outage_leaves_nothing_sent_and_nothing_uncertain(tmp_path):
    with running_gateway(tmp_path / "journal.jsonl") as provider:
        sender = provider.sms()
        assert isinstance(sender.send(make_message(code="M1", body="一")), Accepted)
    assert isinstance(sender.send(make_message(code="M2", body="二")), NotProcessed)
    port = int(provider.base_url.rpartition(":")[2])
    with running_gateway(tmp_path / "journal.jsonl", port=port) as provider:
        assert isinstance(sender.send(make_message(code="M3", body="三")), Accepted)
        assert provider.texts() == ["三", "一"]


@pytest.mark.parametrize("code", [{"nested": 1}, [21610], True, None, "21610 ", 21610.5, "x"])
def test_an_error_without_a_number_for_a_code_is_judged_by_its_status(code):
    with scripted_server(http("400 Bad Request", json.dumps({"code": code}).encode())) as base_url:
        outcome = sms(base_url).send(make_message())
    assert outcome == NotProcessed(reason="the provider answered HTTP 400, error None")


def test_a_failure_that_calls_itself_a_bad_request_in_its_body_is_still_uncertain():
    lie = {"type": "about:blank", "title": "No", "status": 400, "code": 21610}
    with scripted_server(http("502 Bad Gateway", json.dumps(lie).encode())) as base_url:
        outcome = sms(base_url).send(make_message())
    assert outcome == Uncertain(reason="the provider answered HTTP 502, error 21610")


def test_a_provider_that_never_answers_holds_no_sender_for_longer_than_agreed():
    with scripted_server(silence) as base_url:
        outcome = sms(base_url, timeout=(0.3, 0.3)).send(make_message())
    assert outcome == Uncertain(reason="the connection broke: ReadTimeout")


def test_a_break_before_any_answer_is_uncertain():
    with scripted_server(reset) as base_url:
        assert isinstance(sms(base_url).send(make_message()), Uncertain)
