"""A report rings two telephones; one answers, one cannot come, and the desk says so."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.desk import raw_report
from tests.support.product import Product, running_product

OFFICER, LEADER = "+86100000000011", "+86100000000012"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Product]:
    with running_product(tmp_path) as product:
        yield product


def test_what_people_reply_stops_the_ladder_or_hands_it_on(desk: Product) -> None:
    token = desk.user("officer", "duty_officer", phone=OFFICER)
    desk.user("leader", "duty_leader", phone=LEADER)
    number = desk.call("POST", "/reports", token, json=raw_report())["incident"]["number"]

    _reply(desk, OFFICER, "1")
    told = desk.wait_for(_alert(desk, token, number, "received"), "the officer's answer")
    assert [one["answered_by"] for one in told["people"] if one["answer"]] == ["reply"]
    desk.wait_for(
        lambda: any("已记录" in text for text in _texts(desk, OFFICER)), "the confirmation"
    )

    _reply(desk, LEADER, "换人")
    told = desk.wait_for(_alert(desk, token, number, "cannot"), "the leader's answer")
    desk.wait_for(
        lambda: _alerts(desk, token, number)[0]["sirened_at"] is not None, "the siren of the desk"
    )
    assert _alerts(desk, token, number)[0]["ended"] is None


def _alerts(desk: Product, token: str, number: str) -> list[dict[str, Any]]:
    answer = desk.call("GET", f"/incidents/{number}/messages", token)
    found: list[dict[str, Any]] = answer["alerts"]
    return found


def _alert(
    desk: Product, token: str, number: str, answer: str
) -> Callable[[], dict[str, Any] | None]:
    """Return what finds the alert once somebody has answered so."""

    def found() -> dict[str, Any] | None:
        alert = _alerts(desk, token, number)[0]
        return alert if answer in {one["answer"] for one in alert["people"]} else None

    return found


def _records(desk: Product, phone: str) -> list[dict[str, Any]]:
    return [record for record in desk.inbox() if record["to"] == phone]


def _texts(desk: Product, phone: str) -> list[str]:
    """Return the texts that a telephone got, the oldest first."""
    return [record["body"] for record in _records(desk, phone)]


def _reply(desk: Product, phone: str, text: str) -> None:
    """Answer the first text with its code, as a telephone would."""
    desk.wait_for(lambda: _records(desk, phone), "the first text")
    first = _records(desk, phone)[0]
    _, _, way = first["body"].rpartition("回")
    url = f"http://127.0.0.1:{desk.gateway_port}/phones/{phone}/messages/{first['sid']}/reply"
    answer = requests.post(url, data={"text": way[:2] + text}, allow_redirects=False, timeout=10)
    assert answer.status_code == 303
