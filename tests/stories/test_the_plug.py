"""Pull the plug at the worst moment: what was accepted is there, and nobody is told twice."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.databases import Databases
from tests.support.desk import raw_report
from tests.support.product import Product, running_product

REPORTS = 40


@pytest.fixture
def desk(databases: Databases, tmp_path: Path) -> Iterator[Product]:
    with running_product(tmp_path, database_url=databases.empty()) as product:
        yield product


def file_report(desk: Product, token: str, key: str) -> str | None:
    """File a report and try again under the same key; None when the desk did not accept it."""
    for _ in range(2):
        try:
            answer = desk.call(
                "POST", "/reports", token, json=raw_report(), headers={"Idempotency-Key": key}
            )
        except (requests.RequestException, ValueError):
            continue
        if "incident" in answer:
            return str(answer["incident"]["number"])
    return None


def numbers(desk: Product, token: str) -> list[str]:
    """Return the numbers of all incidents on the desk."""
    found, cursor = list[str](), ""
    while True:
        page: dict[str, Any] = desk.call(
            "GET", f"/incidents?limit=200{cursor and f'&cursor={cursor}'}", token
        )
        found += [row["number"] for row in page["items"]]
        cursor = page["next"] or ""
        if not cursor:
            return found


def test_a_report_that_was_accepted_survives_the_plug(desk: Product) -> None:
    token = desk.user("duty", "duty_officer", phone="+861000000000" + "01")
    keys = [f"call-{number}" for number in range(REPORTS)]
    with ThreadPoolExecutor(8) as pool:
        filing = [pool.submit(file_report, desk, token, key) for key in keys]
        filing[REPORTS // 4].result()
        desk.kill_all()
        accepted = dict(zip(keys, (future.result() for future in filing), strict=True))
    desk.start()
    again = {key: file_report(desk, token, key) for key in keys}
    assert all(again.values())
    assert all(again[key] == number for key, number in accepted.items() if number)
    assert sorted(numbers(desk, token)) == sorted(str(number) for number in again.values())
    assert "whole: True" in desk.command("audit", "verify")


def test_every_alert_goes_out_once_though_the_engine_is_killed(desk: Product) -> None:
    token = desk.user("duty", "duty_officer", phone="+861000000000" + "01")
    filed = [file_report(desk, token, f"call-{number}") for number in range(10)]
    desk.kill("engine")
    filed += [file_report(desk, token, f"later-{number}") for number in range(10)]
    assert all(filed)

    def all_told() -> bool:
        return {number for number in filed if _told(desk, str(number))} == set(filed)

    desk.wait_for(all_told, "every alert to reach the provider", seconds=60)
    counts = Counter(str(row["body"]) for row in desk.inbox())
    twice = {body for body, count in counts.items() if count > 1}
    assert not twice


def test_the_desk_goes_on_when_the_provider_is_killed(desk: Product) -> None:
    token = desk.user("duty", "duty_officer", phone="+861000000000" + "01")
    desk.kill("gateway")
    number = file_report(desk, token, "while-away")
    assert number is not None
    desk.wait_for(lambda: _told(desk, number), "the alert after the provider came back")


def _told(desk: Product, number: str) -> bool:
    return any(number in str(row["body"]) for row in desk.inbox())
