"""The engine is killed at its worst moments: no message is lost, and a second one says so."""

import signal
from pathlib import Path

import pytest
from sqlalchemy import select

from incident.models import AlertPerson
from incident.operations import replies
from incident.services import Services
from tests.support.desk import make_incident
from tests.support.engines import engine_process
from tests.support.history import History, acceptances, check
from tests.support.leases import hurry, let_the_lease_end, open_messages, url_of
from tests.support.provider import Provider
from tests.support.waiting import wait_until

SECONDS = 100  # for what takes a few where nothing else runs


def drain(services: Services, folder: Path, provider: Provider) -> History:
    """Let an engine do what is left, without the pauses between its attempts."""

    def is_empty() -> bool:
        hurry(services)
        return open_messages(services) == 0

    let_the_lease_end(services)
    with engine_process(url_of(services), folder, provider):
        wait_until(is_empty, seconds=SECONDS, what="an empty outbox")
    return check(services, provider.journal)


def crash(services: Services, folder: Path, provider: Provider, at: str) -> None:
    """Let an engine run until it has killed itself."""
    with engine_process(url_of(services), folder, provider, crash=at) as engine:
        assert engine.wait(SECONDS) == -signal.SIGKILL


@pytest.mark.proves("A7", "S1", "S3")
def test_what_was_claimed_and_never_sent_is_sent(
    desk: Services, provider: Provider, tmp_path: Path
) -> None:
    make_incident(desk)
    crash(desk, tmp_path, provider, "deliver.after_claim:2")

    held = drain(desk, tmp_path, provider)

    assert held.lost == []
    assert not held.duplicates


@pytest.mark.proves("A8", "S7")
def test_a_request_without_an_answer_is_looked_for_and_not_sent_again(
    desk: Services, provider: Provider, tmp_path: Path
) -> None:
    provider.set_faults(
        requests=[{"kind": "hang", "accept": True, "seconds": 30}], callbacks={"send": False}
    )
    make_incident(desk)
    with engine_process(url_of(desk), tmp_path, provider) as engine:
        taken = provider.journal.read_text
        wait_until(lambda: "accepted" in taken(), seconds=SECONDS, what="a message at the provider")
        engine.kill()
    provider.set_faults(callbacks={"send": False})

    held = drain(desk, tmp_path, provider)

    assert held.lost == []
    assert not held.duplicates


@pytest.mark.proves("A8", "S7")
def test_where_the_provider_cannot_be_asked_it_comes_twice_and_says_so(
    desk: Services, provider: Provider, tmp_path: Path
) -> None:
    provider.set_faults(requests=[{"on": "ask", "kind": "error"}], callbacks={"send": False})
    make_incident(desk)
    crash(desk, tmp_path, provider, "deliver.after_answer:1")
    provider.set_faults(
        requests=[{"on": "ask", "kind": "error", "times": 40}], callbacks={"send": False}
    )

    held = drain(desk, tmp_path, provider)

    assert held.lost == []
    assert held.unlabelled == 0
    assert all(len(taken) <= 2 for taken in acceptances(provider.journal).values())


@pytest.mark.proves("A9", "S7")
def test_an_answer_that_was_not_written_down_is_found_again(
    desk: Services, provider: Provider, tmp_path: Path
) -> None:
    make_incident(desk)
    crash(desk, tmp_path, provider, "deliver.after_answer:1")

    held = drain(desk, tmp_path, provider)

    assert held.lost == []
    assert not held.duplicates


@pytest.mark.proves("A14", "S6")
def test_a_reply_that_was_kept_is_read_by_the_next_engine(
    desk: Services, provider: Provider, tmp_path: Path
) -> None:
    make_incident(desk)
    person = called(desk)
    with desk.transaction() as session:
        replies.keep(
            session,
            provider="stand-in",
            provider_id="SM1",
            channel="sms",
            sender=person.addresses["sms"],
            body=f"{person.code}1",
            drill=False,
            now=desk.now(),
        )
    crash(desk, tmp_path, provider, "replies.before_read:1")
    assert called(desk).answer is None

    drain(desk, tmp_path, provider)

    assert called(desk).answer == "received"


def called(services: Services) -> AlertPerson:
    """Return the first person of the first alert."""
    with services.reading() as session:
        return session.scalars(select(AlertPerson).order_by(AlertPerson.id).limit(1)).one()
