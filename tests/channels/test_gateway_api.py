"""The stand-in speaks Twilio's HTTP: authentication, shapes, errors, lists."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from notifications.sms import TwilioSms
from tests.support.provider import FROM_NUMBER, SOMEBODY, make_message, running_gateway

GOOD = {"To": SOMEBODY, "From": FROM_NUMBER, "Body": "【示例】你好"}


def test_a_message_has_the_shape_that_the_provider_gives_it(provider):
    answer = provider.post("Messages.json", **GOOD)
    record = answer.json()
    assert answer.status_code == 201
    assert record["sid"].startswith("SM")
    assert len(record["sid"]) == 34
    expected = {
        "account_sid": provider.account_sid,
        "api_version": "2010-04-01",
        "body": "【示例】你好",
        "date_sent": None,
        "direction": "outbound-api",
        "error_code": None,
        "from": FROM_NUMBER,
        "num_segments": "1",
        "status": "queued",
        "to": SOMEBODY,
        "uri": f"/2010-04-01/Accounts/{provider.account_sid}/Messages/{record['sid']}.json",
    }
    assert {name: record[name] for name in expected} == expected
    assert record["date_created"].endswith("+0000")
    assert provider.get(f"Messages/{record['sid']}.json").json()["sid"] == record["sid"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"To": ""}, 21604),
        ({"To": "13900000000"}, 21211),
        ({"To": "+0123456789"}, 21211),
        ({"To": "+8610000000000111"}, 21211),
        ({"To": "+86 100"}, 21211),
        ({"From": ""}, 21603),
        ({"From": "desk"}, 21212),
        ({"From": "+86100000000098"}, 21606),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"ValidityPeriod": "0"}, 20001),
        ({"ValidityPeriod": "36001"}, 20001),
        ({"ValidityPeriod": "soon"}, 20001),
        ({"StatusCallback": "https://desk.example/x"}, 21609),
        ({"StatusCallback": "ftp://127.0.0.1/x"}, 21609),
        ({"StatusCallback": "http://[::1/x"}, 21609),
        ({"StatusCallback": "http://127.0.0.1:99999/x"}, 21609),
    ],
)
def test_a_bad_request_is_refused_with_the_providers_code(provider, changes, code):
    answer = provider.post("Messages.json", **GOOD | changes)
    error = answer.json()
    assert answer.status_code == 400
    assert error["code"] == code
    assert error["status"] == 400
    assert error["more_info"].endswith(str(code))
    assert provider.inbox() == []


@pytest.mark.parametrize("auth", [None, ("", ""), ("AC1", "x"), ("AC" + "5" * 32, "wrong")])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "Messages.json"),
        ("GET", "Messages.json"),
        ("GET", "Messages/SM1.json"),
        ("POST", "Calls.json"),
        ("GET", "Calls.json"),
        ("GET", "Calls/CA1.json"),
    ],
)
def test_nobody_comes_in_without_the_token(provider, auth, method, path):
    address = f"/2010-04-01/Accounts/{provider.account_sid}/{path}"
    answer = provider.ask(method, address, auth=auth)
    assert answer.status_code == 401
    assert answer.json()["code"] == 20003
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="Twilio API"'


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_the_lever_for_faults_needs_the_token_too(provider, method):
    assert provider.ask(method, "/faults", auth=None).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/2010-04-01/Accounts/AC999/Messages.json", 404),
        ("GET", "/2010-04-01/Accounts/{sid}/Messages/SM1.json", 404),
        ("GET", "/2010-04-01/Accounts/{sid}/Calls/CA1.json", 404),
        ("GET", "/2010-04-01/Accounts/{sid}/Recordings.json", 404),
        ("DELETE", "/2010-04-01/Accounts/{sid}/Messages.json", 405),
        ("GET", "/phones/+86100000000077", 404),
    ],
)
def test_what_is_not_there_is_said_in_the_providers_form(provider, method, path, status):
    answer = provider.ask(method, path.format(sid=provider.account_sid))
    assert answer.status_code == status
    assert answer.json()["status"] == status


def test_a_giant_request_is_refused(provider):
    answer = provider.post("Messages.json", **GOOD | {"Body": "x" * 100_000})
    assert answer.status_code == 413
    assert answer.json()["status"] == 413


def test_the_list_is_newest_first_and_narrowed_by_number(provider):
    for body, to in [("一", "1"), ("二", "2"), ("三", "1")]:
        provider.post("Messages.json", **GOOD | {"Body": body, "To": f"+8610000000000{to}"})
    assert provider.texts() == ["三", "二", "一"]
    assert provider.texts(to="+86100000000001") == ["三", "一"]
    assert provider.texts(to="+86100000000003") == []


def test_the_list_comes_in_pages_that_lead_from_one_to_the_next(provider):
    for number in range(7):
        provider.post("Messages.json", **GOOD | {"Body": str(number)})
    client = provider.sms()._client
    assert [m.body for m in client.messages.list(page_size=3)] == list("6543210")
    first = provider.get("Messages.json", PageSize="3", To=SOMEBODY).json()
    assert first["previous_page_uri"] is None
    second = provider.ask("GET", first["next_page_uri"]).json()
    assert [record["body"] for record in second["messages"]] == ["3", "2", "1"]
    assert (second["page"], second["start"], second["end"]) == (1, 3, 5)
    last = provider.ask("GET", second["next_page_uri"]).json()
    assert last["next_page_uri"] is None


@pytest.mark.parametrize(
    ("narrowed", "found"),
    [
        ({}, 1),
        ({"DateSent>": "2000-01-01"}, 1),
        ({"DateSent>": "2999-01-01"}, 0),
        ({"DateSent<": "2000-01-01"}, 0),
        ({"DateSent": "2000-01-01"}, 0),
        ({"DateSent>": "2000-01-01T00:00:00Z", "DateSent<": "2999-01-01T00:00:00Z"}, 1),
    ],
)
def test_the_list_is_narrowed_by_date(provider, narrowed, found):
    provider.post("Messages.json", **GOOD)
    assert len(provider.get("Messages.json", **narrowed).json()["messages"]) == found


@pytest.mark.parametrize("bad", [{"DateSent": "soon"}, {"PageSize": "x"}, {"Page": "-1"}])
def test_a_list_asked_for_wrongly_is_refused(provider, bad):
    answer = provider.get("Messages.json", **bad)
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)


def test_a_call_is_kept_with_what_was_said(provider):
    twiml = "<Response><Say>甲 &amp; 乙</Say><Say>甲 &amp; 乙</Say></Response>"
    answer = provider.post("Calls.json", To=SOMEBODY, From=FROM_NUMBER, Twiml=twiml)
    assert answer.status_code == 201
    assert "甲 &amp; 乙" in provider.ask("GET", "/").text
    refused = provider.post("Calls.json", To=SOMEBODY, From=FROM_NUMBER, Twiml="<Response/>")
    assert refused.json()["code"] == 21205


def test_any_sender_is_taken_where_none_is_set(tmp_path):
    with running_gateway(tmp_path / "j", from_number=None) as provider:
        answer = provider.post("Messages.json", **GOOD | {"From": "+86100000000011"})
        assert answer.status_code == 201


def test_eight_senders_at_once_are_all_taken_once(provider):
    sender: TwilioSms = provider.sms()
    messages = [make_message(code=str(n), body=f"第{n}条") for n in range(200)]
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(sender.send, messages))
    assert len({outcome.provider_id for outcome in outcomes}) == 200
    assert sorted(provider.texts()) == sorted(message.body for message in messages)
