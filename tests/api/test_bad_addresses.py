"""Addresses that lead nowhere, wrong questions, and a database that is away."""

import pytest
from sqlalchemy import func, select, text

from incident.db import WRITES
from incident.models import Entry, Incident
from incident.services import Services
from tests.api.conftest import Caller
from tests.support.desk import make_incident, raw_report


@pytest.mark.parametrize(
    "path",
    [
        "/incidents/%00",
        "/incidents/' or 1=1",
        "/incidents/" + "9" * 500,
        "/incidents/SP%ff",
        "/incidents/{number}/tasks/99999999999999999999",
        "/incidents/{number}/tasks/-1",
        "/incidents/{number}/attachments/1",
        "/incidents/{number}/consultations/1",
        "/plans/..%2f..%2fetc%2fpasswd",
        "/nothing",
    ],
)
def test_what_is_not_there_is_not_found(services: Services, officer: Caller, path: str) -> None:
    number = make_incident(services).number
    answer = officer.get(path.replace("{number}", number))
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=1&limit=2", "limit"),
        ("cursor=nonsense", "cursor"),
        ("state=flying", "state.0"),
        ("state=", "state.0"),
        ("grade=V", "grade"),
        ("kind=water", "kind"),
        ("drill=maybe", "drill"),
        ("colour=red", "colour"),
        ("q=%00", "q"),
    ],
)
def test_a_wrong_question_is_named(officer: Caller, query: str, field: str) -> None:
    answer = officer.get(f"/incidents?{query}")
    assert answer.status_code == 422
    assert field in {row["field"] for row in answer.get_json()["errors"]}


def test_a_database_that_is_away_is_said_and_nothing_is_half_written(
    services: Services, officer: Caller
) -> None:
    entries = select(func.count()).select_from(Entry)
    with services.reading() as session:
        before = session.scalar(entries)
    with services.engine.execution_options(**WRITES).begin() as connection:
        connection.execute(text("ALTER TABLE clocks RENAME TO clocks_away"))
    answer = officer.post("/reports", raw_report())
    if answer.status_code == 202:  # SQLite tells it as a database that is away: taken for later
        assert answer.get_json()["number"].startswith("ZC-")
    else:
        assert answer.status_code in (500, 503)
        assert answer.mimetype == "application/problem+json"
    with services.reading() as session:
        assert session.scalar(entries) == before
        assert session.scalar(select(func.count()).select_from(Incident)) == 0
    with services.engine.execution_options(**WRITES).begin() as connection:
        connection.execute(text("ALTER TABLE clocks_away RENAME TO clocks"))
    assert officer.post("/reports", raw_report()).status_code in (201, 202)  # back, or soon
