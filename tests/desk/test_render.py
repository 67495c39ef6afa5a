"""Printing as a job: each document ends with its PDF or with its error."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from incident.clock import FrozenClock
from incident.documents import Facts, Initial, OfficialDocument, Status, to_json
from incident.jobs.render import render
from incident.models import Briefing, Rendering
from incident.operations import printing
from incident.press import Press
from incident.services import Services
from tests.support.crashes import crash_at
from tests.support.desk import make_incident


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    with Press() as running:
        yield running


def document(status: Status = Status.DRAFT) -> dict[str, Any]:
    made = OfficialDocument(
        content=Initial(),
        facts=Facts(name="示例区食品事件", kind="food"),
        status=Status.DRAFT,
        organisation="示例市市场监督管理局",
        incident="SP20261123-001",
        facts_version=1,
        chain_head=None,
        drill=False,
    )
    plain: dict[str, Any] = json.loads(to_json(made))
    return {**plain, "status": status}


def ask_for(services: Services, plain: dict[str, Any], *, status: str = "draft") -> int:
    """Ask for a briefing to be printed; return the id of the request."""
    now, incident = services.now(), make_incident(services)
    with services.transaction() as session:
        briefing = Briefing(
            incident_id=incident.id,
            kind="initial",
            sequence=1,
            status=status,
            title="初报",
            content={},
            facts={},
            facts_version=1,
            head="",
            created_at=now,
        )
        session.add(briefing)
        session.flush()
        waiting = Rendering(
            briefing_id=briefing.id, document=plain, requested_at=now, due_at=now, attempts=0
        )
        session.add(waiting)
        session.flush()
        return waiting.id


def found(services: Services, id: int) -> tuple[Rendering, Briefing]:
    with services.reading() as session:
        row = session.get_one(Rendering, id)
        return row, session.get_one(Briefing, row.briefing_id)


def pass_time(services: Services, **step: float) -> None:
    assert isinstance(services.clock, FrozenClock)
    services.clock.advance(timedelta(**step))


def test_a_document_is_printed_once_and_kept_by_its_digest(
    services: Services, press: Press
) -> None:
    id = ask_for(services, document())

    assert render(services, press) == 1
    assert render(services, press) == 0

    row, briefing = found(services, id)
    assert row.done_at == services.now()
    assert row.digest == briefing.digest
    assert services.store.get(str(row.digest)).startswith(b"%PDF")


def test_a_draft_that_is_printed_late_does_not_replace_the_issued_one(
    services: Services, press: Press
) -> None:
    id = ask_for(services, document(), status="issued")

    render(services, press)

    row, briefing = found(services, id)
    assert row.digest
    assert briefing.digest is None


def test_a_document_that_fails_three_times_ends_with_its_error(
    services: Services, press: Press
) -> None:
    id = ask_for(services, {"content": "nothing of the kind"})
    for _ in range(5):
        render(services, press)
        pass_time(services, minutes=1)

    row, briefing = found(services, id)
    assert (row.attempts, row.digest, briefing.digest) == (3, None, None)
    assert row.done_at
    assert row.error


def test_a_document_that_fails_does_not_keep_the_others_waiting(
    services: Services, press: Press
) -> None:
    ask_for(services, {"content": "nothing of the kind"})
    good = ask_for(services, document())

    render(services, press)

    assert found(services, good)[0].digest


def test_a_document_whose_engine_died_is_printed_by_the_next(
    services: Services, press: Press
) -> None:
    id = ask_for(services, document())
    with services.transaction() as session:
        printing.claim(session, services.now())
    assert render(services, press) == 0

    pass_time(services, seconds=printing.LEASE.total_seconds())

    assert render(services, press) == 1
    assert found(services, id)[0].digest


def test_a_document_that_ends_every_engine_is_given_up(services: Services) -> None:
    id = ask_for(services, document())
    for _ in range(5):
        with services.transaction() as session:
            printing.claim(session, services.now())
        pass_time(services, seconds=printing.LEASE.total_seconds())

    row, _ = found(services, id)
    assert row.done_at
    assert row.error == printing.DIED


@pytest.mark.proves("A20")
def test_a_document_that_was_printed_and_not_written_down_is_printed_again(
    services: Services, press: Press
) -> None:
    id = ask_for(services, document())
    with crash_at("render.after_file"):
        render(services, press)
    assert found(services, id)[0].digest is None

    assert isinstance(services.clock, FrozenClock)
    services.clock.advance(timedelta(minutes=10))
    render(services, press)

    digest = found(services, id)[0].digest
    assert digest is not None
    assert services.store.get(digest).startswith(b"%PDF-")
