"""PostgreSQL itself is stopped under a desk, as by an update or a power cut, and comes back."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from incident.app import create_app
from incident.jobs.replay import replay
from incident.models import Incident
from incident.operations import audit
from incident.services import Services
from tests.support.databases import PostgresDatabases
from tests.support.desk import desk_database, make_people, make_token, open_services, raw_report
from tests.support.postgres import SETTINGS, Server, running_server

DURABLE = {**SETTINGS, "synchronous_commit": "on"}
REPORTS = 3


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of this test's own: the others go on with theirs."""
    with running_server(DURABLE) as server:
        yield server


@pytest.fixture
def desk(server: Server, tmp_path: Path) -> Iterator[Services]:
    with open_services(desk_database(PostgresDatabases(server)), tmp_path / "desk") as services:
        yield services


@pytest.mark.proves("D", "S1", "S2")
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGQUIT], ids=["restart", "power cut"])
def test_what_was_taken_before_and_during_a_restart_is_there_after_it(
    server: Server, desk: Services, by: signal.Signals
) -> None:
    make_people(desk)
    headers = {"Authorization": f"Bearer {make_token(desk, 'duty_officer')}"}
    client = create_app(desk).test_client()

    def file(when: str) -> list[int]:
        answers = [
            client.post(
                "/api/v1/reports",
                json=raw_report(unit={"name": f"示例市{when}{number}小学"}),
                headers=headers | {"Idempotency-Key": f"{when}-{number}"},
            )
            for number in range(REPORTS)
        ]
        return [answer.status_code for answer in answers]

    assert file("before") == [201] * REPORTS
    server.close()
    server.stop(by)
    assert file("during") == [202] * REPORTS
    server.start(DURABLE)
    replay(desk)
    assert set(file("after")) <= {201, 202}  # for a moment after an outage the spool goes first
    replay(desk)

    with desk.reading() as session:
        assert session.scalar(select(func.count()).select_from(Incident)) == 3 * REPORTS
        assert audit.verify(session).is_whole
