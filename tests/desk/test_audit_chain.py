"""Every way to tamper with the log is found, and the database refuses the plain ones."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, delete, insert, select, text, update
from sqlalchemy.exc import DatabaseError

from incident.clock import FrozenClock
from incident.commands.audit import audit
from incident.db import WRITES
from incident.models import ChainHead, Entry
from incident.operations import chain, timeline
from incident.operations.audit import verify
from incident.services import Services
from incident.who import DESK
from tests.support.desk import ENVIRONMENT, make_incident

Tamper = Callable[[Connection], None]
ENTRIES = Entry.__table__


@pytest.fixture
def written(services: Services) -> Services:
    """A desk whose log has entries of people and of an incident."""
    make_incident(services, state="responding")
    return services


def tamper(services: Services, change: Tamper) -> None:
    """Change the log behind the desk's back: first the triggers go."""
    with services.engine.execution_options(**WRITES).begin() as connection:
        for trigger in _triggers(connection):
            connection.execute(text(trigger))
        change(connection)


def _triggers(connection: Connection) -> list[str]:
    if connection.dialect.name == "postgresql":
        return ["ALTER TABLE entries DISABLE TRIGGER USER"]
    names = connection.execute(
        text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'entries'")
    )
    return [f"DROP TRIGGER {name}" for (name,) in names.all()]


def length(services: Services) -> int:
    with services.reading() as session:
        return session.scalars(select(ChainHead.seq)).one()


def change_text(connection: Connection) -> None:
    connection.execute(update(Entry).where(Entry.seq == 5).values(text="nothing happened"))


def change_data(connection: Connection) -> None:
    connection.execute(update(Entry).where(Entry.seq == 5).values(data={"user": 99}))


def change_time(connection: Connection) -> None:
    moment = connection.execute(select(Entry.at).where(Entry.seq == 5)).scalar_one()
    earlier = moment - timedelta(microseconds=1)
    connection.execute(update(Entry).where(Entry.seq == 5).values(at=earlier))


def change_actor(connection: Connection) -> None:
    connection.execute(update(Entry).where(Entry.seq == 5).values(actor="somebody else"))


def change_and_hash_anew(connection: Connection) -> None:
    row = dict(connection.execute(select(ENTRIES).where(Entry.seq == 5)).mappings().one())
    row["text"] = "nothing happened"
    connection.execute(
        update(Entry).where(Entry.seq == 5).values(text=row["text"], hash=chain.digest(row))
    )


def delete_row(connection: Connection) -> None:
    connection.execute(delete(Entry).where(Entry.seq == 5))


def swap_rows(connection: Connection) -> None:
    connection.execute(update(Entry).where(Entry.seq == 5).values(seq=-5))
    connection.execute(update(Entry).where(Entry.seq == 6).values(seq=5))
    connection.execute(update(Entry).where(Entry.seq == -5).values(seq=6))


def insert_row(connection: Connection) -> None:
    """Push all later rows one further, and put a row of the right form between."""
    last = connection.execute(select(ChainHead.seq)).scalar_one()
    for seq in range(last, 4, -1):
        connection.execute(update(Entry).where(Entry.seq == seq).values(seq=seq + 1))
    connection.execute(update(ChainHead).values(seq=last + 1))
    before = dict(connection.execute(select(ENTRIES).where(Entry.seq == 4)).mappings().one())
    row = {**before, "seq": 5, "previous": before["hash"]}
    row["hash"] = chain.digest(row)
    connection.execute(insert(Entry), [row])


def cut_tail(connection: Connection) -> None:
    last = connection.execute(select(ChainHead.seq)).scalar_one()
    connection.execute(delete(Entry).where(Entry.seq > last - 3))


def append_behind_head(connection: Connection) -> None:
    last = connection.execute(select(ChainHead.seq)).scalar_one()
    before = dict(connection.execute(select(ENTRIES).where(Entry.seq == last)).mappings().one())
    row = {**before, "seq": last + 1, "previous": before["hash"]}
    row["hash"] = chain.digest(row)
    connection.execute(insert(Entry), [row])


@pytest.mark.parametrize(
    ("change", "first_bad", "problem"),
    [
        (change_text, 5, "changed"),
        (change_data, 5, "changed"),
        (change_time, 5, "changed"),
        (change_actor, 5, "changed"),
        (change_and_hash_anew, 6, "continues-not"),
        (delete_row, 6, "missing"),
        (swap_rows, 5, "continues-not"),
        (insert_row, 6, "continues-not"),
        (cut_tail, -2, "end-missing"),
        (append_behind_head, 1, "behind-head"),
    ],
)
def test_tampering_is_found_at_the_first_bad_entry(
    written: Services, change: Tamper, first_bad: int, problem: str
) -> None:
    last = length(written)

    tamper(written, change)

    with written.reading() as session:
        found = verify(session)
    expected = first_bad if first_bad > 1 else last + first_bad
    assert (found.bad_seq, found.problem) == (expected, problem)


def test_an_untouched_log_is_whole(written: Services) -> None:
    with written.reading() as session:
        found = verify(session)

    assert found.is_whole
    assert found.entries == length(written)


def test_an_empty_log_is_whole(services: Services) -> None:
    with services.reading() as session:
        assert verify(session).is_whole


def test_a_lost_head_is_found(written: Services) -> None:
    tamper(written, lambda connection: connection.execute(delete(ChainHead)) and None)

    with written.reading() as session:
        assert not verify(session).is_whole


@pytest.mark.parametrize("statement", ["UPDATE entries SET text = 'x'", "DELETE FROM entries"])
def test_the_database_refuses_to_change_an_entry(written: Services, statement: str) -> None:
    with (
        pytest.raises(DatabaseError),
        written.engine.execution_options(**WRITES).begin() as connection,
    ):
        connection.execute(text(statement))

    with written.reading() as session:
        assert verify(session).is_whole


def test_a_transaction_that_fails_leaves_no_entry(written: Services) -> None:
    before = length(written)

    def fail() -> None:
        with written.transaction() as session:
            timeline.write(session, None, "sign_in_failed", who=DESK, now=written.now())
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert length(written) == before


def test_writers_at_once_make_one_chain_without_gaps(written: Services) -> None:
    before = length(written)
    start = threading.Barrier(4)

    def work() -> None:
        start.wait(30)
        for _ in range(15):
            with written.transaction() as session:
                for _ in range(2):
                    timeline.write(session, None, "sign_in_failed", who=DESK, now=written.now())

    writers = [threading.Thread(target=work) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)

    with written.reading() as session:
        found = verify(session)
        seqs = session.scalars(select(Entry.seq).order_by(Entry.seq)).all()
    assert found.is_whole
    assert list(seqs) == list(range(1, before + 4 * 15 * 2 + 1))


def test_entries_written_during_the_walk_are_no_fault(written: Services) -> None:
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            with written.transaction() as session:
                timeline.write(session, None, "sign_in_failed", who=DESK, now=written.now())
            stop.wait(0.002)

    writer = threading.Thread(target=work)
    writer.start()
    try:
        for _ in range(8):
            with written.reading() as session:
                assert verify(session).is_whole
    finally:
        stop.set()
        writer.join(30)


def test_the_command_says_what_is_bad_and_exits_1(
    written: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    url = written.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("TOCSIN_DATABASE_URL", url)
    monkeypatch.setenv("TOCSIN_DATA_DIR", str(tmp_path))
    good = CliRunner().invoke(audit, ["verify"])
    tamper(written, swap_rows)

    bad = CliRunner().invoke(audit, ["verify", "--json"])

    assert good.exit_code == 0, good.output
    assert "whole: True" in good.output
    assert bad.exit_code == 1
    assert '"first_bad": 5' in bad.stdout


def test_a_chain_that_cannot_be_walked_is_not_called_bad(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TOCSIN_DATABASE_URL", f"sqlite:///{tmp_path / 'nowhere' / 'desk.db'}")
    monkeypatch.setenv("TOCSIN_DATA_DIR", str(tmp_path))

    told = CliRunner().invoke(audit, ["verify"])

    assert told.exit_code == 2
    assert "the database does not answer" in told.output


def test_moments_that_are_equal_hash_alike(written: Services) -> None:
    cast(FrozenClock, written.clock).advance(timedelta(microseconds=7))
    with written.transaction() as session:
        timeline.write(session, None, "sign_in_failed", who=DESK, now=written.now())

    with written.reading() as session:
        assert verify(session).is_whole
