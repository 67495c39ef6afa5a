"""The machinery on a page: states in words, no secret, and a table of holidays that is edited."""

import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from incident.models import Entry, Holiday
from incident.operations import calendar
from incident.services import Services
from tests.support.databases import SqliteDatabases
from tests.support.desk import desk_database, make_people, make_services
from tests.support.running import flask_client
from workflows.calendar import Calendar

SECRETS = {
    "TOCSIN_SMTP_URL": "smtps://sender:very-secret-word@mail.example:465",
    "TOCSIN_MAIL_FROM": "desk@example.org",
    "TWILIO_ACCOUNT_SID": "AC" + "7" * 32,
    "TWILIO_AUTH_TOKEN": "another-secret-word",
    "TWILIO_FROM_NUMBER": "+8610000000099",
}


@pytest.fixture
def desk(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[Services]:
    services = make_services(desk_database(sqlite_databases), tmp_path / "desk", **SECRETS)
    make_people(services)
    with services.transaction() as session:
        calendar.seed(session, Calendar.load(services.settings.time_zone))
    yield services
    services.engine.dispose()


@pytest.fixture
def keeper(desk: Services) -> FlaskClient:
    return flask_client(desk, "system_admin")


def days(desk: Services, year: int) -> dict[str, str]:
    with desk.reading() as session:
        found = session.scalars(select(Holiday)).all()
    return {row.day.isoformat(): row.kind for row in found if row.day.year == year}


def test_no_secret_is_on_the_page(desk: Services, keeper: FlaskClient) -> None:
    page = keeper.get("/system").text

    for secret in ("very-secret-word", "another-secret-word", desk.settings.secret_key):
        assert secret not in page
    assert "smtps://mail.example:465" in page


def test_an_engine_that_never_ran_is_told_with_the_next_step(keeper: FlaskClient) -> None:
    page = keeper.get("/system").text

    assert "tocsin engine" in page
    assert "standing-bad" in page


def test_a_day_is_entered_and_holds_at_once(desk: Services, keeper: FlaskClient) -> None:
    form = {"day": "2027-01-01", "kind": "holiday", "name": "元旦"}

    answer = keeper.post("/system/holidays", data=form)

    assert answer.status_code == 302
    assert days(desk, 2027) == {"2027-01-01": "holiday"}
    assert not desk.rules.calendar.is_working_day(date(2027, 1, 1))
    assert desk.rules.calendar.known_until == date(2027, 12, 31)
    with desk.reading() as session:
        assert (
            session.scalars(select(Entry.type).order_by(Entry.seq.desc())).first() == "holiday_set"
        )


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"day": "1 Jan", "kind": "holiday", "name": "x"}, "day"),
        ({"day": "2027-01-01", "kind": "feast", "name": "x"}, "kind"),
        ({"day": "2027-01-01", "kind": "workday", "name": "x"}, "day"),
        ({"day": "2027-01-01", "kind": "holiday", "name": ""}, "name"),
        ({"day": "2027-01-01", "kind": "holiday", "name": "x" * 41}, "name"),
    ],
)
def test_a_wrong_day_is_refused_by_field(
    desk: Services, keeper: FlaskClient, form: dict[str, str], field: str
) -> None:
    page = keeper.post("/system/holidays", data=form)

    assert page.status_code == 422
    assert f'id="f-{field}-error"' in page.text
    assert days(desk, 2027) == {}


def test_a_day_is_taken_out(desk: Services, keeper: FlaskClient) -> None:
    before = days(desk, 2026)

    keeper.post("/system/holidays/2026-10-01/remove")

    assert set(before) - set(days(desk, 2026)) == {"2026-10-01"}
    assert keeper.post("/system/holidays/2026-10-01/remove").status_code == 404
    assert keeper.post("/system/holidays/nonsense/remove").status_code == 422


GOOD = "day,kind,name\n2027-01-01,holiday,元旦\n2027-01-03,workday,元旦调休\n"
BAD = """2027-01-01,holiday,元旦
2027-13-01,holiday,x
2027-01-01,holiday,again
2027-01-04,workday,Monday
short
"""


def upload(keeper: FlaskClient, content: bytes, step: str) -> tuple[int, str]:
    file = (io.BytesIO(content), "days.csv")
    answer = keeper.post("/system/holidays/import", data={"file": file, "step": step})
    return answer.status_code, answer.text


def test_a_table_is_looked_through_first_and_imported_when_told(
    desk: Services, keeper: FlaskClient
) -> None:
    status, page = upload(keeper, GOOD.encode("utf-8-sig"), "check")
    assert status == 200
    assert 'value="import"' in page
    assert days(desk, 2027) == {}

    answer = keeper.post("/system/holidays/import", data={"table": GOOD, "step": "import"})

    assert answer.status_code == 302
    assert days(desk, 2027) == {"2027-01-01": "holiday", "2027-01-03": "workday"}


def test_a_table_with_errors_is_told_line_by_line_and_nothing_is_imported(
    desk: Services, keeper: FlaskClient
) -> None:
    status, page = upload(keeper, BAD.encode(), "import")

    assert status == 422
    for line in (2, 3, 4, 5):
        assert f"第 {line} 行" in page
    assert "第 1 行" not in page
    assert days(desk, 2027) == {}


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"", b"\n\n"])
def test_what_is_no_table_is_refused_kindly(
    desk: Services, keeper: FlaskClient, content: bytes
) -> None:
    status, _ = upload(keeper, content, "import")

    assert status in (200, 422)
    assert days(desk, 2027) == {}


@pytest.mark.parametrize("year", ["1", "99999", "x", "0000", "9999"])
def test_odd_years_are_no_fault(keeper: FlaskClient, year: str) -> None:
    assert keeper.get(f"/system/holidays?year={year}").status_code == 200


def test_a_spreadsheet_of_days_is_looked_through_like_a_table(
    desk: Services, keeper: FlaskClient
) -> None:
    made = openpyxl.Workbook()
    for row in (["日期", "类别", "名称"], [date(2028, 10, 2), "放假", "国庆节"]):
        made.active.append(row)
    made.active.append(["2028-10-07", "调休上班", "国庆节"])
    content = io.BytesIO()
    made.save(content)

    page = keeper.post(
        "/system/holidays/import",
        data={"file": (io.BytesIO(content.getvalue()), "days.xlsx"), "step": "check"},
    ).text
    text = re.search(r'name="table"[^>]*>([^<]*)<', page)
    assert text is not None
    keeper.post("/system/holidays/import", data={"table": text[1], "step": "import"})

    assert days(desk, 2028) == {"2028-10-02": "holiday", "2028-10-07": "workday"}
