"""The front door: who comes in, how often one may try, and what holds a session."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from incident.app import create_app
from incident.clock import FrozenClock
from incident.models import Entry, User, WebSession
from incident.operations import people
from incident.services import Services
from incident.who import DESK
from tests.support.databases import SqliteDatabases
from tests.support.desk import PASSWORD, desk_database, make_people, make_services

OFFICER = "duty_officer"
ELSEWHERE = "203.0.113.9"
Browser = Callable[..., "Visitor"]


class Visitor:
    """A browser: keeps cookies, sends the token of the page before."""

    def __init__(self, app: Flask, network: str) -> None:
        self.client: FlaskClient = app.test_client()
        self.network = network

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, environ_base={"REMOTE_ADDR": self.network})

    def post(self, path: str, seen: str = "/sign-in", **form: object) -> TestResponse:
        token = re.search(r'name="csrf-token" content="([^"]+)"', self.get(seen).text)
        assert token is not None
        return self.client.post(
            path,
            data={"csrf_token": token.group(1), **form},
            environ_base={"REMOTE_ADDR": self.network},
        )

    def sign_in(
        self, name: str = OFFICER, password: str = PASSWORD, **form: object
    ) -> TestResponse:
        return self.post("/sign-in", name=name, password=password, **form)

    def is_in(self) -> bool:
        return self.get("/account").status_code == 200


@pytest.fixture
def desk(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[Services]:
    services = make_services(desk_database(sqlite_databases), tmp_path / "desk")
    make_people(services)
    yield services
    services.engine.dispose()


@pytest.fixture
def visitor(desk: Services) -> Browser:
    app = create_app(desk)
    return lambda network="127.0.0.1": Visitor(app, network)


def forward(desk: Services, **length: float) -> None:
    cast(FrozenClock, desk.clock).advance(timedelta(**length))


def test_the_right_password_opens_the_desk(visitor: Browser) -> None:
    somebody = visitor()

    answer = somebody.sign_in()

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/"
    cookie = answer.headers.getlist("Set-Cookie")[0]
    assert "HttpOnly" in cookie
    assert "SameSite=" in cookie
    assert somebody.is_in()


def test_over_tls_the_cookie_is_bound_to_this_host(
    sqlite_databases: SqliteDatabases, tmp_path: Path
) -> None:
    services = make_services(
        desk_database(sqlite_databases), tmp_path, TOCSIN_PUBLIC_URL="https://desk.example"
    )
    make_people(services)
    client = create_app(services).test_client()
    page = client.get("/sign-in", base_url="https://desk.example").text
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert token is not None

    answer = client.post(
        "/sign-in",
        base_url="https://desk.example",
        headers={"Referer": "https://desk.example/sign-in"},
        data={"csrf_token": token.group(1), "name": OFFICER, "password": PASSWORD},
    )

    cookie = next(one for one in answer.headers.getlist("Set-Cookie") if "__Host-tocsin=" in one)
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    services.engine.dispose()


def test_an_unknown_name_is_answered_like_a_wrong_password(visitor: Browser) -> None:
    wrong = visitor().sign_in(password="Wrong-horse-9x")
    unknown = visitor().sign_in(name="nobody_here", password="Wrong-horse-9x")

    assert wrong.status_code == unknown.status_code == 401
    assert _without_values(wrong.text) == _without_values(unknown.text)


def _without_values(page: str) -> str:
    page = re.sub(r'(content|value|data-now|datetime)="[^"]*"', "", page)
    return re.sub(r"ms-[0-9a-f]+", "", page)


def test_a_disabled_account_is_answered_like_a_wrong_password(
    desk: Services, visitor: Browser
) -> None:
    with desk.transaction() as session:
        people.disable(session, people.find(session, OFFICER), who=DESK, now=desk.now())

    assert visitor().sign_in().status_code == 401


def test_five_failures_lock_the_account_for_that_network(desk: Services, visitor: Browser) -> None:
    guesser = visitor(ELSEWHERE)

    statuses = [guesser.sign_in(password=f"Wrong-horse-{n}x").status_code for n in range(5)]
    locked = guesser.sign_in()

    assert statuses == [401] * 5
    assert locked.status_code == 429
    assert 0 < int(locked.headers["Retry-After"]) <= 15 * 60 + 1
    forward(desk, minutes=16)
    assert guesser.sign_in().status_code == 302


def test_nobody_elsewhere_locks_out_the_officer_on_duty(visitor: Browser) -> None:
    guesser = visitor(ELSEWHERE)
    for n in range(8):
        guesser.sign_in(password=f"Wrong-horse-{n}x")

    assert visitor("127.0.0.1").sign_in().status_code == 302


def test_failures_a_quarter_of_an_hour_apart_do_not_add_up(
    desk: Services, visitor: Browser
) -> None:
    somebody = visitor()
    for n in range(8):
        assert somebody.sign_in(password=f"Wrong-horse-{n}x").status_code == 401
        forward(desk, minutes=16)

    assert somebody.sign_in().status_code == 302


def test_a_failure_is_written_down_without_the_name(desk: Services, visitor: Browser) -> None:
    visitor(ELSEWHERE).sign_in(name=PASSWORD, password="x")

    with desk.reading() as session:
        entry = session.scalars(select(Entry).where(Entry.type == "sign_in_failed")).one()
    assert entry.data["network"] == ELSEWHERE
    assert PASSWORD not in f"{entry.text}{entry.data}{entry.actor}"


def test_signing_out_ends_the_session_in_the_database_too(desk: Services, visitor: Browser) -> None:
    somebody = visitor()
    somebody.sign_in()
    stolen = somebody.client.get_cookie("tocsin")
    assert stolen is not None

    answer = somebody.post("/sign-out", seen="/account")

    assert answer.status_code == 302
    assert '"storage"' in answer.headers["Clear-Site-Data"]
    thief = visitor()
    thief.client.set_cookie("tocsin", stolen.value)
    assert not thief.is_in()
    with desk.reading() as session:
        assert session.scalars(select(WebSession.ended_at)).all() == [desk.now()]


def test_a_session_ends_after_twelve_hours_of_work(desk: Services, visitor: Browser) -> None:
    somebody = visitor()
    somebody.sign_in()
    for _ in range(11):
        forward(desk, hours=1)
        assert somebody.is_in()

    forward(desk, hours=1)

    assert not somebody.is_in()


def test_other_roles_end_the_sessions_at_once(desk: Services, visitor: Browser) -> None:
    somebody = visitor()
    somebody.sign_in()
    with desk.transaction() as session:
        user = people.find(session, OFFICER)
        people.set_roles(session, user, ["leader"], who=DESK, now=desk.now())

    assert not somebody.is_in()


def test_a_disabled_account_is_out_at_once(desk: Services, visitor: Browser) -> None:
    somebody = visitor()
    somebody.sign_in()
    with desk.transaction() as session:
        people.disable(session, people.find(session, OFFICER), who=DESK, now=desk.now())

    assert not somebody.is_in()


def test_a_code_sets_the_password_once(desk: Services, visitor: Browser) -> None:
    with desk.transaction() as session:
        code = people.invite(session, people.find(session, OFFICER), who=DESK, now=desk.now())
    new = "Another-horse-7y"

    first = visitor().post("/activate", "/activate", name=OFFICER, code=code, password=new)
    second = visitor().post("/activate", "/activate", name=OFFICER, code=code, password=new)

    assert first.status_code == 302
    assert second.status_code == 422
    assert visitor().sign_in(password=new).status_code == 302
    assert visitor().sign_in().status_code == 401


def test_codes_cannot_be_tried_out(visitor: Browser) -> None:
    guesser = visitor()
    tries = [
        guesser.post("/activate", "/activate", name=OFFICER, code=str(n), password=PASSWORD)
        for n in range(6)
    ]

    assert [one.status_code for one in tries] == [422] * 5 + [429]


@pytest.mark.parametrize(
    "password", ["short-7X", "alllowercaseletters", "tocsin-Desk-2026", "duty_officer-9X-y"]
)
def test_a_weak_password_is_refused_with_a_reason(
    desk: Services, visitor: Browser, password: str
) -> None:
    with desk.transaction() as session:
        code = people.invite(session, people.find(session, OFFICER), who=DESK, now=desk.now())

    answer = visitor().post("/activate", "/activate", name=OFFICER, code=code, password=password)

    assert answer.status_code == 422
    assert "field-error" in answer.text
    assert (
        visitor()
        .post("/activate", "/activate", name=OFFICER, code=code, password="Another-horse-7y")
        .status_code
        == 302
    ), "a weak password does not spend the code"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "////evil.example/x",
        "/\\evil.example",
        "\\\\evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "/\tevil.example",
        "%2f%2fevil.example",
        "//evil.example@127.0.0.1/",
        "https:///evil.example",
        "/..//evil.example",
    ],
)
def test_sign_in_leads_to_this_desk_only(visitor: Browser, target: str) -> None:
    answer = visitor().sign_in(next=target)

    location = answer.headers["Location"]
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert "\t" not in location


def test_sign_in_leads_back_to_where_one_wanted_to_go(visitor: Browser) -> None:
    somebody = visitor()
    asked = somebody.get("/account?x=1")
    assert asked.status_code == 302
    target = asked.headers["Location"].partition("next=")[2]

    answer = somebody.sign_in(next="/account?x=1")

    assert target == "/account?x%3D1"
    assert answer.headers["Location"] == "/account?x=1"


def test_a_page_speaks_english_once_asked(visitor: Browser) -> None:
    somebody = visitor()
    assert 'lang="zh-CN"' in somebody.get("/sign-in").text

    somebody.post("/language", language="en")

    page = somebody.get("/sign-in").text
    assert '<html lang="en"' in page
    assert "Sign in" in page


def test_an_account_without_roles_sees_itself_only(desk: Services, visitor: Browser) -> None:
    with desk.transaction() as session:
        user = session.scalars(select(User).where(User.name == OFFICER)).one()
        people.set_roles(session, user, [], who=DESK, now=desk.now())
    somebody = visitor()
    somebody.sign_in()

    assert somebody.get("/").headers["Location"] == "/account"
    assert somebody.is_in()
    assert somebody.get("/people").status_code == 403
