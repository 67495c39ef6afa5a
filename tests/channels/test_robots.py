"""Robots of groups: a post counts only when the answer itself says so."""

import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from notifications.message import Accepted, NotProcessed, Uncertain
from notifications.robots import DIALECTS, Robot
from tests.support.provider import LONG_AGO, make_message
from tests.support.scripted_server import http, scripted_server, unused_port

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
GROUP = make_message(to="group", channel="robot")


def answered(dialect: str, body: object, status: str = "200 OK"):
    script = http(status, json.dumps(body).encode())
    with scripted_server(script) as base_url:
        robot = Robot(
            provider=dialect, url=f"{base_url}/robot", secret=None, stand_in=True, now=lambda: NOW
        )
        return robot.send(GROUP)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_post_shows_in_the_group(provider, dialect):
    outcome = provider.robot(dialect).send(GROUP)
    assert isinstance(outcome, Accepted)
    assert not outcome.receipts
    assert GROUP.body in provider.ask("GET", f"/phones/group:{dialect}", auth=None).text


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_wrong_key_is_a_matter_of_configuration_though_the_answer_is_200(provider, dialect):
    robot = provider.robot(dialect, url=f"{provider.base_url}/robots/{dialect}?key=wrong")
    outcome = robot.send(GROUP)
    assert isinstance(outcome, NotProcessed)
    assert outcome.configuration


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_answer_without_its_code_is_uncertain(dialect):
    assert isinstance(answered(dialect, {}), Uncertain)
    assert isinstance(answered(dialect, []), Uncertain)
    assert isinstance(answered(dialect, {"errcode": "0", "code": "0"}), Uncertain)


@pytest.mark.parametrize(
    ("dialect", "code"), [("wecom", 45009), ("dingtalk", 130101), ("feishu", 11232)]
)
def test_too_many_posts_are_told_to_wait(dialect, code):
    outcome = answered(dialect, {"errcode": code, "code": code})
    assert isinstance(outcome, NotProcessed)
    assert outcome.retry_after == 60
    assert not outcome.configuration


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("500 Oops", Uncertain),
        ("204 Fine", Uncertain),
        ("429 Slow", NotProcessed),
        ("404 No", NotProcessed),
    ],
)
def test_other_answers_mean_what_they_mean_for_a_message(status, kind):
    assert isinstance(answered("wecom", {}, status), kind)


def test_a_refused_connection_was_not_processed(provider):
    robot = provider.robot(url=f"http://127.0.0.1:{unused_port()}/x")
    assert isinstance(robot.send(GROUP), NotProcessed)


def test_nobody_can_be_asked(provider):
    assert provider.robot().find(GROUP, since=LONG_AGO) is None
    assert provider.robot().look_up("x") is None


def test_dingtalk_signs_in_the_address():
    url, payload = DIALECTS["dingtalk"].write(
        "https://x.example/send?access_token=t", "文", "SEC", NOW
    )
    asked = parse_qs(urlsplit(url).query)
    assert asked["access_token"] == ["t"]
    assert asked["timestamp"] == ["1795402800000"]
    assert len(asked["sign"][0]) == 44
    assert payload == {"msgtype": "text", "text": {"content": "文"}}


def test_feishu_signs_in_the_body():
    url, payload = DIALECTS["feishu"].write("https://x.example/hook/t", "文", "SEC", NOW)
    assert url == "https://x.example/hook/t"
    assert payload["timestamp"] == "1795402800"
    assert len(payload["sign"]) == 44
    assert payload["content"] == {"text": "文"}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_without_a_secret_nothing_is_signed(dialect):
    url, payload = DIALECTS[dialect].write("https://x.example/t", "文", None, NOW)
    assert url == "https://x.example/t"
    assert "sign" not in payload
