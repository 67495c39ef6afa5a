"""Accounts on pages: who adds, who gives roles, and what is shown only once."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from incident.models import Token, User, WebSession
from incident.operations import people
from incident.services import Services
from tests.support.databases import SqliteDatabases
from tests.support.desk import PASSWORD, desk_database, make_people, make_services, make_token
from tests.support.running import flask_client, session_cookie
from workflows.lifecycle import Role

ADMIN, SECURITY = "system_admin", "security_admin"
As = Callable[[str], FlaskClient]


@pytest.fixture
def desk(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[Services]:
    services = make_services(desk_database(sqlite_databases), tmp_path / "desk")
    make_people(services)
    yield services
    services.engine.dispose()


@pytest.fixture
def by(desk: Services) -> As:
    return lambda account: flask_client(desk, account)


def stored(desk: Services, name: str) -> User:
    with desk.reading() as session:
        return people.find(session, name)


def secret(page: str) -> str:
    found = re.search(r'class="secret-word">([^<]+)<', page)
    assert found is not None
    return found.group(1)


def test_the_list_shows_everybody_with_masked_telephones(desk: Services, by: As) -> None:
    page = by(ADMIN).get("/people").text

    assert all(f"/people/{role}" in page for role in Role)
    assert "+86100****0001" in page
    assert "+86100000000001" not in page
    assert "+8610000000000" not in page


@pytest.mark.parametrize(
    ("query", "wanted", "unwanted"),
    [
        ("q=duty_off", "/people/duty_officer", "/people/commander"),
        ("role=auditor", "/people/auditor", "/people/commander"),
        ("state=disabled", "/people/expert", "/people/commander"),
        ("q=%25", "", "/people/commander"),
    ],
)
def test_the_list_is_narrowed(
    desk: Services, by: As, query: str, wanted: str, unwanted: str
) -> None:
    admin = by(ADMIN)
    admin.post("/people/expert/disable")

    page = admin.get(f"/people?{query}").text

    assert wanted in page
    assert f'"{unwanted}"' not in page


def test_a_new_account_gets_a_code_that_is_shown_once(desk: Services, by: As) -> None:
    admin = by(ADMIN)

    page = admin.post("/people/new", data={"name": "lixue", "display": "李雪"})

    assert page.status_code == 201
    code = secret(page.text)
    assert code not in admin.get("/people/lixue").text
    assert stored(desk, "lixue").activation == people.digest(code)
    assert stored(desk, "lixue").role_rows == []


def test_the_system_administrator_gives_no_roles(desk: Services, by: As) -> None:
    admin = by(ADMIN)

    admin.post("/people/new", data={"name": "lixue", "roles": "security_admin"})
    answer = admin.post("/people/lixue/roles", data={"roles": "commander"})

    assert answer.status_code == 403
    assert stored(desk, "lixue").role_rows == []
    assert 'name="roles"' not in admin.get("/people/lixue").text


def test_the_security_administrator_adds_and_closes_no_account(by: As) -> None:
    security = by(SECURITY)

    assert security.get("/people/new").status_code == 403
    assert security.post("/people/duty_officer/disable").status_code == 403
    assert security.post("/people/duty_officer/invite").status_code == 403


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"name": "Li Xue"}, "name"),
        ({"name": "lixue", "phone": "12"}, "phone"),
        ({"name": "lixue", "display": "雪" * 61}, "display"),
        ({}, "name"),
    ],
)
def test_a_wrong_field_is_named_and_the_rest_is_kept(
    by: As, form: dict[str, str], field: str
) -> None:
    page = by(ADMIN).post("/people/new", data={"organisation": "示例单位", **form})

    assert page.status_code == 422
    assert f'id="f-{field}-error"' in page.text
    assert 'value="示例单位"' in page.text


def test_a_name_is_given_once(by: As) -> None:
    assert by(ADMIN).post("/people/new", data={"name": "commander"}).status_code == 409


def test_roles_change_and_end_the_sessions(desk: Services, by: As) -> None:
    officer = by("duty_officer")
    assert officer.get("/account").status_code == 200

    answer = by(SECURITY).post(
        "/people/duty_officer/roles", data={"roles": ["duty_leader", "group_member"]}
    )

    assert answer.status_code == 302
    assert [row.role for row in stored(desk, "duty_officer").role_rows] == [
        "duty_leader",
        "group_member",
    ]
    assert officer.get("/account").status_code == 302


def test_nobody_changes_his_own_roles(desk: Services, by: As) -> None:
    security = by(SECURITY)

    answer = security.post(f"/people/{SECURITY}/roles", data={"roles": "commander"})

    assert answer.status_code == 409
    assert [row.role for row in stored(desk, SECURITY).role_rows] == [SECURITY]
    assert 'name="roles"' not in security.get(f"/people/{SECURITY}").text


@pytest.mark.parametrize(
    "roles",
    [
        ["auditor", "commander"],
        ["system_admin", "security_admin"],
        ["system_admin", "auditor"],
        ["security_admin", "duty_officer"],
    ],
)
def test_the_three_administrators_exclude_all_others(
    desk: Services, by: As, roles: list[str]
) -> None:
    page = by(SECURITY).post("/people/expert/roles", data={"roles": roles})

    assert page.status_code == 422
    assert "f-roles-error" in page.text
    assert [row.role for row in stored(desk, "expert").role_rows] == ["expert"]


def test_an_account_is_closed_and_opened(desk: Services, by: As) -> None:
    admin, officer = by(ADMIN), by("duty_officer")
    make_token(desk, "duty_officer")

    admin.post("/people/duty_officer/disable")

    assert officer.get("/account").status_code == 302
    with desk.reading() as session:
        assert session.scalars(select(Token.revoked_at)).all() == [desk.now()]
    admin.post("/people/duty_officer/enable")
    assert stored(desk, "duty_officer").disabled_at is None


def test_nobody_closes_his_own_account(desk: Services, by: As) -> None:
    assert by(ADMIN).post(f"/people/{ADMIN}/disable").status_code == 409
    assert stored(desk, ADMIN).disabled_at is None


def test_a_token_is_shown_once_and_can_be_revoked(desk: Services, by: As) -> None:
    admin = by(ADMIN)

    token = secret(admin.post("/people/reporter/tokens", data={"days": "90"}).text)

    assert token.startswith("tcs_")
    assert token not in admin.get("/people/reporter").text
    admin.post("/people/reporter/tokens/1/revoke")
    with desk.reading() as session:
        row = session.scalars(select(Token)).one()
    assert (row.expires_at - row.created_at).days == 90
    assert row.revoked_at == desk.now()


def test_a_token_is_revoked_only_through_its_owner(desk: Services, by: As) -> None:
    make_token(desk, "commander")

    assert by(ADMIN).post("/people/reporter/tokens/1/revoke").status_code == 404


def test_one_sees_and_ends_ones_own_sessions(desk: Services, by: As) -> None:
    here, there = by("commander"), by("commander")
    with desk.reading() as session:
        first, second = session.scalars(select(WebSession.id).order_by(WebSession.id))

    assert here.get("/account").text.count("/account/sessions/") == 2  # one to end, and all others
    here.post(f"/account/sessions/{second}/end")

    assert there.get("/account").status_code == 302
    assert here.get("/account").status_code == 200
    assert first != second


def test_nobody_ends_the_session_of_another(desk: Services, by: As) -> None:
    by("expert")
    with desk.reading() as session:
        foreign = session.scalars(select(WebSession.id)).one()

    assert by("commander").post(f"/account/sessions/{foreign}/end").status_code == 404


def test_an_administrator_ends_all_sessions_of_an_account(desk: Services, by: As) -> None:
    officer = by("duty_officer")

    by(ADMIN).post("/people/duty_officer/sessions/end")

    assert officer.get("/account").status_code == 302


NEW = "Another-horse-7y"


def test_a_new_password_needs_the_old_one_and_ends_the_other_sessions(
    desk: Services, by: As
) -> None:
    here, there = by("commander"), by("commander")

    answer = here.post("/account/password", data={"old": PASSWORD, "password": NEW, "again": NEW})

    assert answer.status_code == 302
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 302


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"old": "wrong", "password": NEW, "again": NEW}, "old"),
        ({"old": PASSWORD, "password": NEW, "again": NEW + "x"}, "again"),
        ({"old": PASSWORD, "password": "short", "again": "short"}, "password"),
        ({"old": PASSWORD, "password": PASSWORD, "again": PASSWORD}, "password"),
    ],
)
def test_a_password_that_will_not_do_is_refused(
    desk: Services, by: As, form: dict[str, str], field: str
) -> None:
    before = stored(desk, "commander").password

    page = by("commander").post("/account/password", data=form)

    assert page.status_code == 422
    assert f'id="f-{field}-error"' in page.text
    assert stored(desk, "commander").password == before


def test_old_passwords_cannot_be_tried_out(by: As) -> None:
    here = by("commander")
    form = {"old": "wrong", "password": NEW, "again": NEW}

    statuses = [here.post("/account/password", data=form).status_code for _ in range(6)]

    assert statuses == [422] * 5 + [429]


def test_a_session_cookie_of_the_support_is_a_real_one(desk: Services) -> None:
    name, value = session_cookie(desk, "expert")

    with desk.reading() as session:
        assert session.scalars(select(WebSession.digest)).one() == people.digest(value)
    assert name == "tocsin"
