"""Two engines on one database do everything once, also when one is stopped and wakes up again."""

import signal
import sqlite3
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select, text

from incident.models import EngineLease, Entry
from incident.services import Services
from tests.support.desk import make_incident
from tests.support.engines import engine_process
from tests.support.history import check
from tests.support.leases import open_messages, url_of
from tests.support.outbox import queue_messages
from tests.support.provider import Provider
from tests.support.waiting import wait_until

DUE, SECONDS = 100, 100
OPEN_ELSEWHERE = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND state <> 'idle'"
)


def lease(services: Services) -> tuple[str, int]:
    with services.reading() as session:
        row = session.scalars(select(EngineLease)).one()
        return row.holder, row.epoch


def sent_entries(services: Services) -> Counter[int]:
    with services.reading() as session:
        found = session.scalars(select(Entry).where(Entry.type == "message_sent"))
        return Counter(entry.data["message"] for entry in found)


@pytest.mark.proves("C", "S7")
def test_two_engines_do_a_hundred_due_things_once_each(
    desk: Services, provider: Provider, tmp_path: Path
) -> None:
    ids = queue_messages(desk, make_incident(desk), DUE)
    with (
        engine_process(url_of(desk), tmp_path, provider),
        engine_process(url_of(desk), tmp_path, provider),
    ):
        wait_until(lambda: not open_messages(desk), seconds=SECONDS, what="an empty outbox")

    held = check(desk, provider.journal)
    assert held.lost == []
    assert not held.duplicates
    assert {sent_entries(desk)[id] for id in ids} == {1}
    assert lease(desk)[1] == 1


@pytest.mark.proves("A18", "C", "S7")
def test_an_engine_that_was_stopped_and_wakes_up_writes_nothing(
    desk: Services, provider: Provider, tmp_path: Path
) -> None:
    slow = [{"kind": "delay", "seconds": 0.5}]
    provider.set_faults(requests=slow, callbacks={"send": False})
    queue_messages(desk, make_incident(desk), 30)
    with engine_process(url_of(desk), tmp_path, provider) as first:
        wait_until(lambda: sent_entries(desk), seconds=SECONDS, what="the first message")
        stop_between_two_transactions(first, desk)
        before = lease(desk)
        with engine_process(url_of(desk), tmp_path, provider) as second:
            wait_until(lambda: not open_messages(desk), seconds=SECONDS, what="an empty outbox")
            after, told = lease(desk), sent_entries(desk)
            first.send_signal(signal.SIGCONT)
            first.send_signal(signal.SIGTERM)
            assert first.wait(SECONDS) == 0
            assert second.poll() is None
            assert lease(desk) == after

    assert (after[0] != before[0], after[1]) == (True, before[1] + 1)
    assert sent_entries(desk) == told
    assert set(told.values()) == {1}
    held = check(desk, provider.journal)
    assert (held.lost, held.unlabelled) == ([], 0)


def stop_between_two_transactions(process: subprocess.Popen[bytes], services: Services) -> None:
    """Stop a process where it holds no lock: it would keep others out for as long as it stands."""
    for _ in range(50):
        process.send_signal(signal.SIGSTOP)
        if is_free(services):
            return
        process.send_signal(signal.SIGCONT)
        time.sleep(0.05)
    raise AssertionError("it always held the database")


def is_free(services: Services) -> bool:
    if services.engine.dialect.name != "sqlite":
        time.sleep(0.1)  # for what it asked last to be answered
        with services.engine.connect() as connection:
            return bool(connection.scalar(OPEN_ELSEWHERE) == 0)
    other = sqlite3.connect(str(services.engine.url.database), timeout=0.5, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return False
    finally:
        other.close()
    return True
