"""Reports by the API while the database is away: taken within two seconds, entered later, once."""

import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from incident import spool
from incident.clock import FrozenClock
from incident.db import PATIENCE
from incident.jobs.replay import replay
from incident.models import Entry, Incident, Report, SpooledReport, Token
from incident.operations import audit
from incident.services import Services
from incident.web import spooling
from tests.api.conftest import Caller, Callers
from tests.support.desk import make_incident, raw_report
from tests.support.outages import away

SECONDS = 4.5  # two where nothing else runs; whoever files no report waits five for a lock


def file(caller: Caller, key: str = "k1", **changes: Any) -> TestResponse:
    began = time.perf_counter()
    answer = caller.post("/reports", raw_report(**changes), headers={"Idempotency-Key": key})
    assert time.perf_counter() - began < SECONDS
    return answer


def known(caller: Caller) -> Caller:
    """Let the desk know who it is, as any request before the outage does."""
    assert caller.get("/incidents").status_code == 200
    return caller


def back(services: Services) -> int:
    """Let the engine enter the spool, a minute later."""
    assert isinstance(services.clock, FrozenClock)
    services.clock.advance(timedelta(minutes=1))
    return replay(services)


def stored(services: Services, model: type[Any]) -> list[Any]:
    with services.reading() as session:
        return list(session.scalars(select(model)))


def waiting(services: Services) -> list[str]:
    return [one.number for one in spool.waiting(services.settings.spool_dir)]


def test_a_report_is_taken_and_its_number_finds_the_incident_later(
    services: Services, officer: Caller
) -> None:
    known(officer)
    with away(services):
        answer = file(officer)
        spooled = answer.get_json()
        assert (answer.status_code, spooled["state"]) == (202, "waiting")
        assert stored_nothing(services, spooled["number"])
        looked_up = officer.get(f"/spooled/{spooled['number']}")

    assert looked_up.get_json() == spooled
    assert answer.headers["Location"] == f"/api/v1/spooled/{spooled['number']}"
    assert back(services) == 1
    (incident,) = stored(services, Incident)
    found = officer.get(f"/spooled/{spooled['number']}").get_json()
    assert (found["state"], found["incident"]) == ("entered", incident.number)
    assert spool.is_empty(services.settings.spool_dir)


def stored_nothing(services: Services, number: str) -> bool:
    return waiting(services) == [number]


def test_clocks_count_from_when_it_came_and_the_outage_is_an_entry(
    services: Services, officer: Caller
) -> None:
    came = services.now()
    known(officer)
    with away(services):
        number = file(officer).get_json()["number"]
    back(services)

    (incident,) = stored(services, Incident)
    assert incident.received_at == came
    entries = {entry.type: entry for entry in stored(services, Entry)}
    assert entries["spooled"].incident == incident.number
    assert number in entries["spooled"].text
    assert (entries["spooled"].at, entries["spooled"].entered_at) == (came, services.now())
    assert entries["spool_entered"].incident is None
    with services.reading() as session:
        assert audit.verify(session).is_whole


def test_the_same_key_gets_the_same_number_and_is_entered_once(
    services: Services, officer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spooling, "AWAY_FOR", 0.0)
    known(officer)
    with away(services):
        first, again = file(officer).get_json(), file(officer).get_json()
        other = file(officer, key="k1", narrative="另一份")
    assert first["number"] == again["number"]
    assert other.get_json()["code"] == "idempotency-key-reused"

    assert back(services) == 1
    assert replay(services) == 0
    later = file(officer)
    assert (later.status_code, later.headers["Idempotent-Replayed"]) == (202, "true")
    assert later.get_json()["number"] == first["number"]
    assert len(stored(services, Report)) == 1


def test_what_was_filed_although_the_answer_was_lost_is_not_filed_twice(
    services: Services, officer: Caller
) -> None:
    """The database took it and went away before it could say so; the caller tries again."""
    filed = file(officer).get_json()["incident"]["number"]
    with away(services):
        spooled = file(officer).get_json()
    spooled = spooled if "number" in spooled else None
    back(services)

    assert [one.number for one in stored(services, Incident)] == [filed]
    if spooled:
        assert officer.get(f"/spooled/{spooled['number']}").get_json()["incident"] == filed


def test_many_come_in_the_order_in_which_they_were_taken(
    services: Services, officer: Caller
) -> None:
    known(officer)
    with away(services):
        numbers = [file(officer, key=f"k{n}").get_json()["number"] for n in range(20)]
    assert waiting(services) == numbers

    back(services)
    rows = {row.number: row.incident for row in stored(services, SpooledReport)}
    assert [rows[number] for number in numbers] == sorted(rows.values())
    assert len(set(rows.values())) == 20


def test_input_that_cannot_be_true_is_refused_field_by_field(
    services: Services, officer: Caller
) -> None:
    known(officer)
    with away(services):
        answer = file(officer, counts={"ill": 1, "deaths": 5})
        foreign = file(officer, place={"division": "000000"})
    assert (answer.status_code, foreign.status_code) == (422, 422)
    assert foreign.get_json()["errors"][0]["field"] == "place.division"
    assert spool.is_empty(services.settings.spool_dir)


def test_a_follow_up_is_entered_where_it_belongs(services: Services, officer: Caller) -> None:
    incident = make_incident(services)
    known(officer)
    with away(services):
        answer = file(officer, incident=incident.number, report_type="progress")
    assert answer.status_code == 202

    back(services)
    assert [one.incident_id for one in stored(services, Report)] == [incident.id] * 2


def test_what_the_rules_refuse_later_waits_for_a_person_with_every_word(
    services: Services, officer: Caller
) -> None:
    known(officer)
    with away(services):
        number = file(officer, incident="SP20261123-999").get_json()["number"]
        good = file(officer, key="k2").get_json()["number"]
    back(services)

    assert officer.get(f"/spooled/{good}").get_json()["state"] == "entered"
    found = officer.get(f"/spooled/{number}").get_json()
    assert (found["state"], found["problem"]) == ("person", ["not-found"])
    row = next(row for row in stored(services, SpooledReport) if row.number == number)
    assert row.content["counts"]["ill"] == 40


def test_a_token_that_had_ended_by_then_enters_nothing_by_itself(
    services: Services, officer: Caller
) -> None:
    known(officer)
    with services.transaction() as session:
        token = session.scalars(select(Token)).first()
        assert token is not None
        token.revoked_at = services.now() - timedelta(seconds=1)
    with away(services):
        answer = file(officer)
    if services.engine.dialect.name == "sqlite":  # locked, but it still says who it is
        assert answer.status_code == 401
        return
    number = answer.get_json()["number"]
    back(services)

    (row,) = stored(services, SpooledReport)
    assert (row.number, row.incident, row.problem) == (number, None, ["credential-ended"])


def test_who_may_not_report_or_is_not_known_is_refused(
    services: Services, caller: Callers, nobody: Caller
) -> None:
    leader, reader, stranger = (
        known(caller("leader")),
        known(caller("duty_officer", "read")),
        caller("duty_officer"),
    )
    is_gone = services.engine.dialect.name == "postgresql"  # a locked SQLite still says who it is
    with away(services):
        assert file(leader).status_code == (503 if is_gone else 403)
        assert file(reader).status_code == 403
        assert file(nobody).status_code == 401
        answer = file(stranger)
    if is_gone:
        assert (answer.status_code, answer.get_json()["code"]) == (503, "caller-unknown")
        assert spool.is_empty(services.settings.spool_dir)


def test_another_person_cannot_look_a_number_up(
    services: Services, officer: Caller, caller: Callers
) -> None:
    known(officer)
    reporter = known(caller("reporter"))
    with away(services):
        number = file(officer).get_json()["number"]
        assert reporter.get(f"/spooled/{number}").status_code == 404
    back(services)
    assert reporter.get(f"/spooled/{number}").status_code == 404
    assert officer.get("/spooled/ZC-AAAAAAAA").status_code == 404


def test_a_folder_that_cannot_be_written_is_said_and_nothing_is_promised(
    services: Services, officer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(officer)

    def read_only(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    with away(services), monkeypatch.context() as patched:
        patched.setattr(spool, "append", read_only)
        answer = file(officer)

    assert (answer.status_code, answer.get_json()["code"]) == (503, "spool-failed")
    assert int(answer.headers["Retry-After"]) > 0
    assert back(services) == 0
    assert stored(services, Incident) == []


def test_a_database_that_goes_away_again_leaves_the_rest_where_it_is(
    services: Services, officer: Caller
) -> None:
    known(officer)
    with away(services):
        number = file(officer).get_json()["number"]
        patience = PATIENCE.set(50)
        assert replay(services) == 0
        PATIENCE.reset(patience)
        assert waiting(services) == [number]
    assert back(services) == 1
    assert [row.incident is None for row in stored(services, SpooledReport)] == [False]
