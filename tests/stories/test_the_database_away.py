"""The running product while its database is away: reports are taken within two seconds, none lost.

SQLite is locked by a stuck writer; PostgreSQL is stopped and started again.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import pytest

from tests.support.desk import raw_report
from tests.support.outages import locked, refused
from tests.support.postgres import Server
from tests.support.product import Product, running_product

SECONDS = 4.5  # two where nothing else runs; whoever files no report waits five for a lock
LOCKED_FOR = float(os.environ.get("AWAY_SECONDS", "12"))
REPORTS = 6
PAUSE = 2.0

Outage = Callable[[], object]


@contextmanager
def on_sqlite(folder: Path) -> Iterator[tuple[Product, Outage, float]]:
    with running_product(folder) as desk:
        yield desk, lambda: locked(str(folder / "var" / "tocsin.db")), LOCKED_FOR


@contextmanager
def on_postgresql(folder: Path, server: Server) -> Iterator[tuple[Product, Outage, float]]:
    name = "desk_away"
    with running_product(folder, database_url=server.create(name)) as desk:
        yield desk, lambda: refused(str(server.folder), name), 0.0
    server.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def world(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[Product, Outage, float]]:
    if request.param == "sqlite":
        with on_sqlite(tmp_path) as made:
            yield made
    else:
        with on_postgresql(tmp_path, request.getfixturevalue("postgres_server")) as made:
            yield made


def file(desk: Product, token: str, key: str) -> tuple[int, dict[str, object], float]:
    began = time.monotonic()
    answer = desk.http.post(
        f"{desk.url}/api/v1/reports",
        json=raw_report(),
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key},
        timeout=20,
    )
    return answer.status_code, answer.json(), time.monotonic() - began


@pytest.mark.timeout(600)
def test_no_report_is_lost_and_every_number_finds_its_incident(
    world: tuple[Product, Outage, float],
) -> None:
    desk, outage, seconds = world
    token = desk.user("duty", "duty_officer", phone="+861000000000" + "01")
    status, before, _ = file(desk, token, "before")
    assert status == 201

    with outage():  # type: ignore[attr-defined]
        until, answers = time.monotonic() + seconds, []
        while len(answers) < REPORTS or time.monotonic() < until:
            answers.append(file(desk, token, f"call-{len(answers)}"))
            if len(answers) >= REPORTS and seconds:
                time.sleep(PAUSE)
    typical = median(took for _, _, took in answers)
    assert {status for status, _, _ in answers} == {202}
    assert typical < SECONDS

    def entered() -> list[str] | None:
        found = [desk.call("GET", f"/spooled/{told['number']}", token) for _, told, _ in answers]
        numbers = [str(one["incident"]) for one in found if one["state"] == "entered"]
        return numbers if len(numbers) == len(answers) else None

    numbers = desk.wait_for(entered, "every spooled report to be entered")
    assert len(set(numbers)) == len(answers)
    assert before["incident"]["number"] not in numbers  # type: ignore[index]
    assert desk.command("audit", "verify")
    assert "0 waiting, 0 spoilt" in desk.command("spool", "ls")
