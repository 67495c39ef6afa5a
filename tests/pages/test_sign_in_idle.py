"""After a rest the view stays, but a change asks for the password, and nothing typed is lost."""

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any, cast

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from incident.app import create_app
from incident.clock import FrozenClock
from incident.services import Services
from tests.support.databases import SqliteDatabases
from tests.support.desk import PASSWORD, desk_database, make_people, make_services
from tests.support.running import session_cookie

CHOSEN = ("放假安排.csv", "调休.csv")
RESTED = timedelta(minutes=15)
ADMIN = "system_admin"
FORM = {"name": "lixue", "display": '李 "雪" <b>', "organisation": "示例市中心医院"}


@pytest.fixture
def desk(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[Services]:
    services = make_services(desk_database(sqlite_databases), tmp_path / "desk")
    make_people(services)
    yield services
    services.engine.dispose()


@pytest.fixture
def client(desk: Services) -> FlaskClient:
    made = create_app(desk).test_client()
    made.set_cookie(*session_cookie(desk, ADMIN))
    return made


def post(client: FlaskClient, path: str, **form: Any) -> TestResponse:
    return client.post(path, data={"csrf_token": token(client.get("/account").text), **form})


def token(page: str) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert found is not None
    return found.group(1)


def rest(desk: Services, length: timedelta = RESTED) -> None:
    cast(FrozenClock, desk.clock).advance(length)


def carried(page: str) -> dict[str, str]:
    pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in pairs}


def test_before_the_quarter_of_an_hour_nothing_is_asked(
    desk: Services, client: FlaskClient
) -> None:
    rest(desk, RESTED - timedelta(seconds=1))

    assert post(client, "/people/new", **FORM).status_code == 201


def test_after_it_a_change_asks_and_carries_the_form_along(
    desk: Services, client: FlaskClient
) -> None:
    rest(desk)
    asked = post(client, "/people/new", **FORM)

    assert asked.status_code == 401
    kept = carried(asked.text)
    assert {name: kept[name] for name in FORM} == FORM
    assert "<b>" not in asked.text.partition("<main")[2]

    done = client.post("/people/new", data={**kept, "_password": PASSWORD})

    assert done.status_code == 201
    assert 'class="secret-word"' in done.text
    assert post(client, "/people/new", name="second").status_code == 201, "awake again"


def test_a_wrong_password_keeps_the_form_and_counts(desk: Services, client: FlaskClient) -> None:
    rest(desk)
    kept = carried(post(client, "/people/new", **FORM).text)

    tries = [client.post("/people/new", data={**kept, "_password": f"no-{n}"}) for n in range(5)]

    assert [one.status_code for one in tries] == [401] * 5
    assert {name: carried(tries[-1].text)[name] for name in FORM} == FORM
    assert "field-error" in tries[-1].text
    locked = client.post("/people/new", data={**kept, "_password": PASSWORD})
    assert locked.status_code == 429


def test_looking_is_free_and_does_not_wake_the_session(desk: Services, client: FlaskClient) -> None:
    rest(desk)

    assert client.get("/people").status_code == 200
    assert post(client, "/people/new", **FORM).status_code == 401


def test_what_scripts_fetch_does_not_keep_a_session_awake(
    desk: Services, client: FlaskClient
) -> None:
    for _ in range(3):
        rest(desk, timedelta(minutes=6))
        client.get("/people", headers={"X-Fragment": "1"})

    assert post(client, "/people/new", **FORM).status_code == 401


def test_work_keeps_a_session_awake(desk: Services, client: FlaskClient) -> None:
    for _ in range(3):
        rest(desk, timedelta(minutes=6))
        client.get("/people")

    assert post(client, "/people/new", **FORM).status_code == 201


def test_signing_out_and_the_language_need_no_password(desk: Services, client: FlaskClient) -> None:
    rest(desk)

    assert post(client, "/language", language="en").status_code == 302
    assert post(client, "/sign-out").status_code == 302


def test_somebody_else_can_sign_in_where_a_session_rests(
    desk: Services, client: FlaskClient
) -> None:
    rest(desk)

    answer = post(client, "/sign-in", name="auditor", password=PASSWORD)

    assert answer.status_code == 302
    assert client.get("/audit").status_code == 200


def test_files_are_named_to_be_chosen_again(desk: Services, client: FlaskClient) -> None:
    rest(desk)

    asked = client.post(
        "/system/holidays/import",
        data={
            "csrf_token": token(client.get("/account").text),
            "step": "check",
            "file": [(io.BytesIO(b"2027-01-01,holiday,x"), name) for name in CHOSEN],
        },
    )

    assert asked.status_code == 401
    assert "、".join(CHOSEN) in asked.text
    assert asked.text.count('type="file" multiple required') == 1
    assert 'enctype="multipart/form-data"' in asked.text
    assert carried(asked.text)["step"] == "check"
