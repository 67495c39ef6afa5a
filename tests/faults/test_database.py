"""The database fails under a report: it is refused or taken, never half, and none is lost."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from random import Random

import psycopg
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as TookTooLong

from incident import crashpoints
from incident.app import create_app
from incident.crashpoints import Fuse
from incident.db import PATIENCE
from incident.jobs.replay import replay
from incident.models import Incident
from incident.services import Services
from incident.web import spooling
from tests.support.desk import make_people, make_token, raw_report
from tests.support.history import check

FAILURES = {
    "deadlock": psycopg.errors.DeadlockDetected,
    "serialization": psycopg.errors.SerializationFailure,
    "disk full": psycopg.errors.DiskFull,
    "read-only": psycopg.errors.ReadOnlySqlTransaction,
}
REPORTS = 20


class Flaky(Fuse):
    """Lets a share of the commits fail, as the database would; counts how many did."""

    def __init__(self, error: type[Exception], *, share: float) -> None:
        self._dice, self._error, self._share = Random(1), error, share  # noqa: S311
        self.struck = 0

    def burn(self, name: str) -> None:
        if name == "transaction.before_commit" and self._dice.random() < self._share:
            self.struck += 1
            raise OperationalError("COMMIT", {}, self._error("injected"))


@contextmanager
def failing(error: type[Exception], *, share: float) -> Iterator[Flaky]:
    fuse = Flaky(error, share=share)
    crashpoints.fuse = fuse
    try:
        yield fuse
    finally:
        crashpoints.fuse = None


@pytest.fixture
def filing(services: Services) -> Callable[[str], tuple[int, dict[str, object]]]:
    make_people(services)
    token = make_token(services, "duty_officer")
    client: FlaskClient = create_app(services).test_client()
    headers = {"Authorization": f"Bearer {token}"}
    client.get("/api/v1/incidents", headers=headers)

    def file(key: str) -> tuple[int, dict[str, object]]:
        answer = client.post(
            "/api/v1/reports",
            json=raw_report(unit={"name": f"示例市{key}小学"}),
            headers=headers | {"Idempotency-Key": key},
        )
        return answer.status_code, answer.get_json()

    return file


@pytest.mark.proves("D", "S1", "S2")
@pytest.mark.parametrize("failure", FAILURES)
def test_commits_that_fail_now_and_then_lose_no_report(
    services: Services,
    filing: Callable[[str], tuple[int, dict[str, object]]],
    failure: str,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    journal = tmp_path_factory.mktemp("none") / "journal.jsonl"
    journal.touch()
    monkeypatch.setattr(spooling, "AWAY_FOR", 0.0)  # else one failure spares it all the others
    keys = [f"k{number}" for number in range(REPORTS)]
    with failing(FAILURES[failure], share=0.2) as failures:
        answers = {key: filing(key) for key in keys}
    assert failures.struck > 0
    assert {status for status, _ in answers.values()} <= {201, 202}

    replay(services)

    acked = {
        key: str(told["incident"]["number"])  # type: ignore[index]
        for key, (status, told) in answers.items()
        if status == 201
    }
    held = check(services, journal, attempted=keys, acked=acked)
    assert [key for key in held.lost if key in keys] == []
    with services.reading() as session:
        assert session.scalar(select(func.count()).select_from(Incident)) == REPORTS


@pytest.mark.proves("D", "S2")
def test_where_every_connection_is_taken_a_report_finds_the_spool(
    services: Services, filing: Callable[[str], tuple[int, dict[str, object]]]
) -> None:
    with ExitStack() as held:
        _take_all(services, held)
        status, told = filing("crowded")
    assert status == 202, told
    replay(services)
    with services.reading() as session:
        assert session.scalar(select(func.count()).select_from(Incident)) == 1


def _take_all(services: Services, held: ExitStack) -> None:
    """Take connections until there is none left."""
    reset = PATIENCE.set(1)
    try:
        while True:
            held.enter_context(services.engine.connect())
    except TookTooLong:
        return
    finally:
        PATIENCE.reset(reset)
