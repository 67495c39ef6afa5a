"""What the stand-in accepted is on disk before it says so, and outlives it."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from drills.gateway.journal import Journal
from tests.support.provider import make_message, running_gateway


def test_what_was_accepted_is_in_the_journal_with_its_callback(provider, desk):
    accepted = provider.sms().send(make_message(callback_url=desk.url))
    first = json.loads(provider.journal.read_text("utf-8").splitlines()[0])
    assert first["event"] == "accepted"
    assert first["sid"] == accepted.provider_id
    assert first["callback"] == desk.url


def test_what_was_accepted_before_a_restart_is_still_known(tmp_path):
    journal = tmp_path / "journal.jsonl"
    with running_gateway(journal) as provider:
        first = provider.sms().send(make_message(body="一"))
    with running_gateway(journal) as provider:
        provider.sms().send(make_message(body="二"))
        assert provider.texts() == ["二", "一"]
        assert provider.sms().look_up(first.provider_id).provider_id == first.provider_id


@pytest.mark.parametrize("torn", [b'{"event": "acc', b"\x00\x00\x00", b"7\n", b"[]\n", b"{}\n"])
def test_a_torn_or_foreign_line_is_left_out_and_the_rest_kept(tmp_path, torn):
    journal = tmp_path / "journal.jsonl"
    with running_gateway(journal) as provider:
        provider.sms().send(make_message(body="一"))
    with journal.open("ab") as file:
        file.write(torn)
    with running_gateway(journal) as provider:
        provider.sms().send(make_message(body="二"))
    with running_gateway(journal) as provider:
        assert provider.texts() == ["二", "一"]


def test_many_writers_lose_no_line(tmp_path):
    journal = Journal(tmp_path / "journal.jsonl")
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: journal.write({"event": str(n)}), range(300)))
    journal.close()
    found = [entry["event"] for entry in Journal(tmp_path / "journal.jsonl").entries()]
    assert sorted(found, key=int) == [str(n) for n in range(300)]


def test_others_on_the_machine_cannot_read_the_numbers(provider):
    assert provider.journal.stat().st_mode & 0o077 == 0
