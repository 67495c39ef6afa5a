"""The inbox shows what arrived, as phones would, and runs nothing of what it shows."""

import pytest
import requests

from tests.support.provider import make_message, running_gateway

HOSTILE = "<script>alert(1)</script>{{7*7}}"


def page(provider, path: str = "/", **headers: str) -> requests.Response:
    return provider.ask("GET", path, auth=None, headers=headers)


def test_an_empty_inbox_says_what_will_come(provider):
    assert "还没有消息" in page(provider).text


def test_messages_stand_under_their_number_the_newest_first(provider):
    for body in ("第一条", "第二条"):
        provider.sms().send(make_message(body=body))
    text = page(provider).text
    assert text.count("+86100000000001</span>") == 1
    assert text.index("第二条") < text.index("第一条")


def test_the_number_with_the_latest_message_stands_first(provider):
    for to in ("1", "2", "1"):
        provider.sms().send(make_message(to=f"+8610000000000{to}"))
    text = page(provider).text
    assert text.index("+86100000000001") < text.index("+86100000000002")


def test_a_drill_is_marked_in_words(provider):
    provider.sms().send(make_message(body="【示例】真实"))
    assert "is-drill" not in page(provider).text
    provider.sms().send(make_message(body="【演练】【示例】演练", drill=True))
    assert page(provider).text.count("is-drill") == 1
    assert '<span class="gateway-drill">演练</span>' in page(provider).text


def test_a_call_of_a_drill_is_marked_too(provider):
    provider.voice().send(make_message(body="【演练】【示例】请到岗", drill=True, channel="voice"))
    assert page(provider).text.count("is-drill") == 1


def test_a_phone_shows_all_that_the_overview_leaves_out(provider):
    for number in range(6):
        provider.sms().send(make_message(body=f"第{number}条消息"))
    assert "第0条消息" not in page(provider).text
    assert "看全部 6 条" in page(provider).text
    assert "第0条消息" in page(provider, "/phones/+86100000000001").text


def test_a_hostile_text_is_shown_and_not_run(provider):
    provider.sms().send(make_message(body=HOSTILE))
    text = page(provider).text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}" in text


def test_the_page_allows_itself_nothing_from_elsewhere(provider):
    headers = page(provider).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_the_page_holds_no_inline_script_or_style(provider):
    provider.sms().send(make_message())
    text = page(provider).text
    assert " style=" not in text
    assert "<style" not in text
    assert "></script>" in text
    assert text.count("<script") == 1


def test_every_word_has_its_english(provider):
    provider.sms().send(make_message(body="Hello"))
    provider.voice().send(make_message(body="Hello", channel="voice"))
    text = page(provider, "/?lang=en").text.replace("中文", "")
    assert "Stand-in SMS provider" in text
    assert not [character for character in text if "一" <= character <= "鿿"]


def test_a_stranger_to_this_machine_needs_the_token(tmp_path):
    with running_gateway(tmp_path / "j", open_inbox=False) as provider:
        provider.sms().send(make_message())
        assert page(provider).status_code == 401
        assert page(provider, "/phones/+86100000000001").status_code == 401
        assert provider.ask("GET", "/").status_code == 200


@pytest.mark.parametrize("host", ["attacker.example", "attacker.example:8025"])
def test_a_page_under_another_name_is_refused(provider, host):
    assert page(provider, Host=host).status_code == 400
