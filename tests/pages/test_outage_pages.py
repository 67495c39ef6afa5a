"""Pages while the database is away: the sheet still takes a report, and a number finds it later."""

import json
import re
import time
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from incident import spool
from incident.clock import FrozenClock
from incident.jobs.replay import replay
from incident.models import Draft, Incident, SpooledReport
from incident.operations import spooling
from incident.services import Services
from tests.support.desk import make_people
from tests.support.outages import away
from tests.support.running import flask_client

FORM = {
    "received_at": "2026-11-23T10:58",
    "kind": "food",
    "source": "phone",
    "place.division": "330106",
    "unit.name": "示例市第一实验小学",
    "counts.ill": "12",
}
KEY = "a-key-of-a-report-01"
SECONDS = 4.5  # two where nothing else runs; whoever files no report waits five for a lock


@pytest.fixture
def officer(services: Services) -> FlaskClient:
    make_people(services)
    client = flask_client(services, "duty_officer")
    assert client.get("/desk").status_code == 200
    return client


def back(services: Services) -> None:
    assert isinstance(services.clock, FrozenClock)
    services.clock.advance(timedelta(minutes=1))
    replay(services)


def number_of(location: str) -> str:
    return location.rpartition("/")[2]


def stored(services: Services, model: type) -> list:  # type: ignore[type-arg]
    with services.reading() as session:
        return list(session.scalars(select(model)))


def test_what_was_typed_when_the_database_went_is_shown_and_taken(
    services: Services, officer: FlaskClient
) -> None:
    with away(services):
        began = time.perf_counter()
        sheet = officer.post(f"/reports/new/{KEY}", data=FORM)
        assert time.perf_counter() - began < SECONDS
        assert sheet.status_code == 503
        assert "数据库不通" in sheet.text
        assert 'value="示例市第一实验小学"' in sheet.text
        assert f'action="/reports/outage/{KEY}"' in sheet.text
        began = time.perf_counter()
        taken = officer.post(f"/reports/outage/{KEY}", data=FORM)
        assert time.perf_counter() - began < SECONDS
        assert taken.status_code == 303
        number = number_of(taken.location)
        assert [one.number for one in spool.waiting(services.settings.spool_dir)] == [number]
        page = officer.get(taken.location)
        assert (page.status_code, number in page.text) == (200, True)
    back(services)

    (incident,) = stored(services, Incident)
    later = officer.get(taken.location)
    assert incident.number in later.text
    assert number in later.text
    again = officer.get(f"/reports/new/{KEY}")
    assert again.location == f"/reports/new/{KEY}/done"


def test_the_second_look_that_was_open_is_filed_without_the_draft(
    services: Services, officer: FlaskClient
) -> None:
    officer.post(f"/reports/new/{KEY}", data=FORM)
    page = officer.get(f"/reports/new/{KEY}/check").text
    told = re.search(r'name="told" value="([^"]*)"', page)
    seen = re.search(r'name="seen" value="([^"]*)"', page)
    assert told
    assert seen
    hidden = told[1].replace("&#34;", '"')
    with away(services):
        forged = {**json.loads(hidden), "counts.ill": "1"}
        changed = {"seen": seen[1], "told": json.dumps(forged)}
        assert officer.post(f"/reports/new/{KEY}/file", data=changed).status_code == 400
        answer = officer.post(f"/reports/new/{KEY}/file", data={"seen": seen[1], "told": hidden})
        assert answer.status_code == 303, answer.text
    back(services)

    (incident,) = stored(services, Incident)
    assert incident.unit == "示例市第一实验小学"
    assert stored(services, Draft) == []
    done = officer.get(f"/reports/new/{KEY}/done")
    assert incident.number in done.text


def test_what_is_wrong_is_said_field_by_field_and_nothing_is_lost(
    services: Services, officer: FlaskClient
) -> None:
    with away(services):
        page = officer.post(f"/reports/outage/{KEY}", data={**FORM, "kind": "", "counts.ill": "x"})
    assert page.status_code == 422
    assert 'id="f-counts-ill-error"' in page.text
    assert 'value="示例市第一实验小学"' in page.text
    assert spool.is_empty(services.settings.spool_dir)


def test_pages_that_need_the_database_say_so_in_the_shell(
    services: Services, officer: FlaskClient
) -> None:
    if services.engine.dialect.name == "sqlite":
        return  # a locked one still shows everything
    with away(services):
        page = officer.get("/desk")
        pulse = officer.get("/pulse").get_json()
        new = officer.get("/reports/new")
    assert (page.status_code, 'data-state="away"' in page.text) == (503, True)
    assert pulse["state"] == "away"
    assert (new.status_code, "暂存上报" in new.text) == (503, True)


def test_the_emergency_sheet_files_as_usual_once_the_database_is_back(
    services: Services, officer: FlaskClient
) -> None:
    answer = officer.post(f"/reports/outage/{KEY}", data=FORM)
    assert answer.location == f"/reports/new/{KEY}/check"


@pytest.fixture
def refused(services: Services, officer: FlaskClient, tmp_path: Path) -> str:
    """A report that its spool could not enter by itself."""
    with away(services):
        location = officer.post(f"/reports/outage/{KEY}", data=FORM).location
    (one,) = spool.waiting(services.settings.spool_dir)
    with services.transaction() as session:
        spooling.put_aside(
            session, one, ["counts.deaths:more-than-ill", "not-found"], services.now()
        )
    spool.remove(services.settings.spool_dir, {one.number})
    return number_of(location)


def test_a_report_that_needs_a_person_is_shown_whole_and_taken_up(
    services: Services, officer: FlaskClient, refused: str
) -> None:
    page = officer.get("/spooled")
    assert page.status_code == 200
    assert "示例市第一实验小学" in page.text
    assert refused in page.text

    draft = officer.post(f"/spooled/{refused}/draft")
    sheet = officer.get(draft.location)
    assert 'value="示例市第一实验小学"' in sheet.text
    assert officer.post(f"/spooled/{refused}/settle", data={"how": " "}).status_code == 422
    assert officer.post(f"/spooled/{refused}/settle", data={"how": "另行接报"}).status_code == 303
    (row,) = stored(services, SpooledReport)
    assert (row.settled_how, row.settled_at) == ("另行接报", services.now())
    assert officer.post("/spooled/ZC-AAAAAAAA/settle", data={"how": "x"}).status_code == 404


def test_the_desk_leads_to_what_was_spooled_until_somebody_has_seen_to_it(
    officer: FlaskClient, refused: str
) -> None:
    assert 'href="/spooled"' in officer.get("/desk").text
    officer.post(f"/spooled/{refused}/settle", data={"how": "另行接报"})
    assert "暂存报告" not in officer.get("/desk").text
