"""The audit trail on a page: what the auditor sees, finds and verifies."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text, update

from incident.db import WRITES
from incident.models import Entry
from incident.operations import access, timeline
from incident.services import Services
from incident.who import DESK
from tests.support.databases import SqliteDatabases
from tests.support.desk import (
    act,
    desk_database,
    make_incident,
    make_people,
    make_services,
)
from tests.support.running import flask_client

WRITTEN = "封存可疑食品三箱"


@pytest.fixture
def desk(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[Services]:
    services = make_services(desk_database(sqlite_databases), tmp_path / "desk")
    who = make_people(services)
    incident = make_incident(services, state="grading")
    act(services, incident, "note", who["duty_officer"], text=WRITTEN)
    make_incident(services, drill="YL-20261123-01")
    with services.transaction() as session:
        access.count_failure(session, "duty_officer", "203.0.113.9", services.now())
    yield services
    services.engine.dispose()


@pytest.fixture
def auditor(desk: Services) -> FlaskClient:
    return flask_client(desk, "auditor")


def rows(page: str) -> str:
    return page.partition("<tbody>")[2].partition("</tbody>")[0]


def test_the_auditor_sees_that_something_was_written_but_not_what(auditor: FlaskClient) -> None:
    page = auditor.get("/audit").text

    assert "SP20261123-001" in page
    assert WRITTEN not in page
    assert "示例市第一实验小学" not in page


def test_entries_of_accounts_are_shown_in_words_with_the_network(auditor: FlaskClient) -> None:
    page = rows(auditor.get("/audit?type=sign_in_failed").text)

    assert "203.0.113.9" in page
    assert page.count("<tr") == 1


@pytest.mark.parametrize(
    ("query", "there", "not_there"),
    [
        ("subject=security", "auditor", "SP20261123"),
        ("subject=incidents", "SP20261123-001", "YL-SP"),
        ("subject=drills", "YL-SP20261123-001", ">SP20261123-001"),
        ("object=SP20261123-001&subject=incidents", "SP20261123-001", "auditor"),
        ("actor=duty_officer", "SP20261123-001", "203.0.113.9"),
        ("since=2026-11-23&until=2026-11-23", "SP20261123-001", "nothing at all"),
    ],
)
def test_entries_are_looked_for(
    auditor: FlaskClient, query: str, there: str, not_there: str
) -> None:
    page = rows(auditor.get(f"/audit?{query}").text)

    assert there in page
    assert not_there not in page


@pytest.mark.parametrize("query", ["since=2026-11-24", "until=2026-11-22", "actor=%25", "type=x"])
def test_nothing_found_says_how_to_go_on(auditor: FlaskClient, query: str) -> None:
    page = auditor.get(f"/audit?{query}")

    assert page.status_code == 200
    assert 'class="empty"' in page.text


@pytest.mark.parametrize(
    "query", ["before=99999999999999999999", "before=x", "since=9999-12-31", "until=9999-12-31"]
)
def test_odd_questions_are_no_fault(auditor: FlaskClient, query: str) -> None:
    assert auditor.get(f"/audit?{query}").status_code == 200


def test_pages_go_back_and_forth_without_a_gap(desk: Services, auditor: FlaskClient) -> None:
    with desk.transaction() as session:
        for _ in range(130):
            timeline.write(session, None, "sign_in_failed", who=DESK, now=desk.now())
    seen: list[str] = []
    address = "/audit?type=sign_in_failed"
    for _ in range(3):
        page = auditor.get(address).text
        seen += [part.partition('"')[0] for part in rows(page).split('<tr id="e')[1:]]
        address = unescape(re.findall(r'href="(/audit[?][^"]*before=[^"]*)"', page)[-1])

    assert len(seen) == len(set(seen)) == 131
    assert seen == sorted(seen, key=int, reverse=True)


def test_a_whole_chain_is_said_to_be(auditor: FlaskClient) -> None:
    page = auditor.post("/audit/verify").text

    assert "notice-success" in page


def test_a_broken_chain_names_the_first_bad_entry(desk: Services, auditor: FlaskClient) -> None:
    with desk.engine.execution_options(**WRITES).begin() as connection:
        connection.execute(text("DROP TRIGGER entries_no_update"))
        connection.execute(update(Entry).where(Entry.seq == 7).values(actor="x"))

    page = auditor.post("/audit/verify").text

    assert "notice-danger" in page
    assert "第 7 条" in page
