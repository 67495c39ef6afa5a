"""The running product under reports, while its processes are killed at random."""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from random import Random
from threading import Event

import pytest
import requests

from incident import spool
from tests.support.databases import Databases
from tests.support.desk import open_services, raw_report
from tests.support.history import check
from tests.support.leases import open_messages
from tests.support.product import PARTS, Product, running_product

SECONDS = float(os.environ.get("CRASH_SECONDS", "9"))
SEED = int(os.environ.get("CRASH_SEED", "1"))
EVERY = 3.0  # seconds between two kills
DRAIN = 120


@pytest.mark.proves("A25", "S1", "S7")
@pytest.mark.timeout(SECONDS + 400)
def test_no_report_and_no_message_is_lost(databases: Databases, tmp_path: Path) -> None:
    dice, stop = Random(SEED), Event()  # noqa: S311 - repeatable on purpose
    url, spooled = databases.empty(), tmp_path / "var" / "spool"
    with running_product(tmp_path, database_url=url) as desk:
        token = desk.user("duty", "duty_officer", phone="+861000000000" + "01")
        with ThreadPoolExecutor(1) as pool:
            filing = pool.submit(file_until, desk, token, stop)
            for _ in range(int(SECONDS / EVERY)):
                stop.wait(EVERY)
                desk.kill(dice.choice(PARTS))
            stop.set()
            acked = filing.result()
        desk.wait_for(desk.answers, "the desk after the last kill")
        for key in [key for key, number in acked.items() if number is None]:
            desk.wait_for(partial(file, desk, token, key), "an answer to a second try")
        with open_services(url, tmp_path / "look") as services:
            desk.wait_for(lambda: spool.is_empty(spooled), "the spool entered", seconds=DRAIN)
            desk.wait_for(lambda: not open_messages(services), "an empty outbox", seconds=DRAIN)
            journal = tmp_path / "var" / "gateway.jsonl"
            held = check(services, journal, attempted=acked, acked=entered(acked))

    assert held.lost == []
    assert held.unlabelled == 0
    assert held.reports == len(acked)


def entered(acked: dict[str, str | None]) -> dict[str, str]:
    """Return what clients were told; a temporary number is held to account by the count."""
    return {key: told for key, told in acked.items() if told and told.startswith("SP")}


def file_until(desk: Product, token: str, stop: Event) -> dict[str, str | None]:
    """File reports until told to stop; return by key the number, None where none came back."""
    acked: dict[str, str | None] = {}
    while not stop.wait(0.3):
        key = f"k{len(acked)}"
        acked[key] = file(desk, token, key)
    return acked


def file(desk: Product, token: str, key: str) -> str | None:
    """File a report; the number that was answered, None where the connection broke."""
    raw = raw_report(unit={"name": f"示例市{key}小学"})
    try:
        told = desk.call("POST", "/reports", token, json=raw, headers={"Idempotency-Key": key})
    except (requests.RequestException, ValueError):
        return None
    incident = told.get("incident")
    return str(incident["number"]) if incident else told.get("number")
