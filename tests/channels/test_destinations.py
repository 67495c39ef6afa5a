"""What each provider can do for a number, row by row, each with where it is written."""

import pytest
import yaml

from notifications.destinations import TABLE, can

ROWS = [
    (provider, row)
    for provider, rows in yaml.safe_load(TABLE.read_text(encoding="utf-8")).items()
    for row in rows
]
MAINLAND, EXAMPLE, ELSEWHERE = "+8613800000000", "+86100000000001", "+491710000000"


@pytest.mark.parametrize(("provider", "row"), ROWS, ids=lambda one: str(one)[:30])
def test_every_row_says_where_it_is_written_and_how_sure_it_is(provider, row):
    assert row["basis"].strip()
    assert row["confidence"] in {"V", "V~", "M"}
    found = can(provider, row["prefix"] or "x")
    assert found.basis == row["basis"]


@pytest.mark.parametrize(
    ("provider", "to", "sends", "link", "reply", "keypad"),
    [
        ("twilio", MAINLAND, True, False, False, True),
        ("twilio", ELSEWHERE, True, True, True, True),
        ("mainland", MAINLAND, True, False, True, False),
        ("mainland", ELSEWHERE, False, False, False, False),
        ("stand-in", EXAMPLE, True, True, True, True),
        ("stand-in-2", EXAMPLE, True, True, True, True),
        ("stand-in", MAINLAND, True, False, True, True),
        ("smtp", "a@example.invalid", True, True, False, False),
        ("wecom", "group", True, False, False, False),
    ],
)
def test_what_a_provider_can_do(provider, to, sends, link, reply, keypad):
    found = can(provider, to)
    assert (found.sends, found.link, found.reply, found.keypad) == (sends, link, reply, keypad)


def test_the_longest_beginning_that_fits_decides():
    assert can("stand-in", "+8610000000").link
    assert not can("stand-in", "+861000000").link


def test_a_stranger_among_the_providers_is_an_error():
    with pytest.raises(KeyError):
        can("nobody", MAINLAND)
