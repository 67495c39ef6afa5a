"""Every route with every role: open to exactly those that its permission is granted to."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from drills import app as application
from drills import player, runs
from drills.scenario.files import shipped
from incident.app import EXTENSION
from incident.clock import FrozenClock
from incident.db import make_engine
from incident.rulebook import Rulebook
from incident.services import Bell, Services
from incident.settings import load
from incident.store import Store
from incident.web.access import DECLARED, GRANTS, PUBLIC, Permission, declared
from tests.support.databases import SqliteDatabases
from tests.support.desk import (
    ENVIRONMENT,
    NO_CHANNELS,
    NOW,
    desk_database,
    make_incident,
    make_people,
    make_services,
    make_token,
)
from tests.support.running import session_cookie
from workflows.lifecycle import Role

NOBODY = "nobody"
EVERYBODY = (NOBODY, *Role)
MACHINES = ("/api/", "/callbacks/", "/socket.io", "/healthz", "/readyz", "/metrics")
BEARERS = ("/api/", "/metrics")
DRILL_KEY = "YL-20261123-01"
THERE = {
    ("", "filename"): "base.css",
    ("", "id"): "food-CN@2011",
    ("", "key"): "k" * 24,
    ("drills", "key"): DRILL_KEY,
    ("drills", "name"): "school-canteen-salmonella",
    ("drills", "section"): "injects",
    ("drills", "item"): "0",
    ("drills", "step"): "ready",
    ("facts", "name"): "ill",
    ("people", "name"): "duty_officer",
}
"""Things that are there, by blueprint and name of the argument."""
WRITES = ("INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER")


def _bare_services() -> Services:
    """Return services that are good enough to build an application, and to ask it for routes."""
    settings = load({**ENVIRONMENT, "TOCSIN_DATABASE_URL": "sqlite:///nowhere.db"})
    return Services(
        settings=settings,
        engine=make_engine("sqlite:///nowhere.db"),
        clock=FrozenClock(NOW),
        rules=cast(Rulebook, None),
        store=Store(Path("nowhere")),
        channels=NO_CHANNELS,
        bell=Bell(),
    )


def _rules() -> list[Rule]:
    rules = application.make_app(_bare_services()).url_map.iter_rules()
    return sorted(rules, key=lambda rule: (rule.rule, sorted(rule.methods or ())))


def _routes(*methods: str) -> list[Any]:
    return [
        pytest.param(rule, method, id=f"{method} {rule.rule}")
        for rule in _rules()
        for method in methods
        if method in (rule.methods or ())
    ]


EVERY_ROUTE = _routes("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """An application over a desk with one person in each role and an incident."""

    app: Flask
    services: Services
    cookies: dict[str, tuple[str, str]]
    tokens: dict[str, str]
    number: str

    def client(self, role: str) -> FlaskClient:
        client = self.app.test_client()
        if role != NOBODY:
            client.set_cookie(*self.cookies[role])
        return client

    def ask(self, role: str, rule: Rule, method: str) -> TestResponse:
        """Ask as this person would: pages by cookie, the API by token."""
        headers = {}
        if rule.rule.startswith(BEARERS) and role != NOBODY:
            headers["Authorization"] = f"Bearer {self.tokens[role]}"
        client = self.client(role)
        return client.open(self.address(rule), method=method, headers=headers, buffered=True)

    def address(self, rule: Rule) -> str:
        """Return an address for a rule: things that are there where it can be told."""
        here = rule.endpoint.partition(".")[0]
        values: dict[str, Any] = {
            name: THERE.get((here, name), THERE.get(("", name), "1")) for name in rule.arguments
        }
        if "number" in values:
            values["number"] = self.number
        for name, converter in rule._converters.items():
            if type(converter).__name__ == "IntegerConverter":
                values[name] = 1
        built = rule.build(values)
        assert built is not None
        return built[1]


def _desk(databases: SqliteDatabases, folder: Path) -> Desk:
    services = make_services(desk_database(databases), folder / "desk")
    make_people(services)
    incident = make_incident(services, state="consulting")
    runs.start(services, shipped()["school-canteen-salmonella"])
    player.play_due(services)
    app = application.make_app(services)
    app.config["RATELIMIT_ENABLED"] = False
    return Desk(
        app=app,
        services=services,
        cookies={role: session_cookie(services, role) for role in Role},
        tokens={role: make_token(services, role) for role in Role},
        number=incident.number,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("matrix")


@pytest.fixture(scope="module")
def real(folder: Path, prepared_files: Path) -> Iterator[Desk]:
    """A desk whose views answer themselves."""
    (folder / "real").mkdir()
    made = _desk(SqliteDatabases(folder / "real", prepared_files), folder / "real")
    yield made
    made.services.engine.dispose()


@pytest.fixture(scope="module")
def hollow(folder: Path, prepared_files: Path) -> Iterator[Desk]:
    """A desk whose views do nothing: what answers 204 was let through."""
    (folder / "hollow").mkdir()
    made = _desk(SqliteDatabases(folder / "hollow", prepared_files), folder / "hollow")
    for endpoint, view in made.app.view_functions.items():
        made.app.view_functions[endpoint] = _hollow(view)
    yield made
    made.services.engine.dispose()


def _hollow(view: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(view)
    def answer(**_: object) -> tuple[str, int]:
        return "", 204

    return answer


def _may(permission: str, role: str) -> bool:
    """Tell what the table says, without the code that is tested."""
    if permission == PUBLIC:
        return True
    if role == NOBODY:
        return False
    return permission == Permission.SIGNED_IN or Role(role) in GRANTS[Permission(permission)]


def test_the_walk_knows_the_routes() -> None:
    assert len(EVERY_ROUTE) > 60


@pytest.mark.parametrize(("rule", "method"), EVERY_ROUTE)
def test_a_route_declares_who_may_open_it(real: Desk, rule: Rule, method: str) -> None:
    wanted = declared(real.app.view_functions[rule.endpoint])

    assert wanted == PUBLIC or wanted in set(Permission), f"{rule.endpoint} has no @requires"


@pytest.mark.parametrize(("rule", "method"), EVERY_ROUTE)
def test_a_route_opens_to_exactly_those_who_may(hollow: Desk, rule: Rule, method: str) -> None:
    hollow.app.config["WTF_CSRF_METHODS"] = ()
    permission = declared(hollow.app.view_functions[rule.endpoint]) or ""

    wrong = {}
    for role in EVERYBODY:
        status = hollow.ask(role, rule, method).status_code
        if (status == 204) != _may(permission, role):
            wrong[str(role)] = status

    assert wrong == {}, f"{rule.endpoint} is declared {permission}"


@pytest.mark.parametrize(("rule", "method"), EVERY_ROUTE)
def test_nobody_is_sent_to_sign_in_or_refused(hollow: Desk, rule: Rule, method: str) -> None:
    hollow.app.config["WTF_CSRF_METHODS"] = ()
    if declared(hollow.app.view_functions[rule.endpoint]) == PUBLIC:
        return

    status = hollow.ask(NOBODY, rule, method).status_code

    is_page = method == "GET" and not rule.rule.startswith(MACHINES)
    assert status == (302 if is_page else 401)


@pytest.mark.parametrize(("rule", "method"), _routes("POST", "PUT", "PATCH", "DELETE"))
def test_a_change_from_a_page_needs_its_token(hollow: Desk, rule: Rule, method: str) -> None:
    hollow.app.config["WTF_CSRF_METHODS"] = ("POST", "PUT", "PATCH", "DELETE")
    permission = declared(hollow.app.view_functions[rule.endpoint]) or ""
    role = next(role for role in Role if _may(permission, role))

    if rule.rule.startswith(MACHINES):
        client = hollow.client(role)
        answer = client.open(hollow.address(rule), method=method)
        assert permission == PUBLIC or answer.status_code == 401, "a cookie counts without a token"
    else:
        assert hollow.ask(role, rule, method).status_code == 400


@pytest.mark.parametrize(("rule", "method"), _routes("GET"))
def test_every_answer_bears_the_headers(real: Desk, rule: Rule, method: str) -> None:
    permission = declared(real.app.view_functions[rule.endpoint]) or ""

    for role in (NOBODY, *_first(permission)):
        headers = real.ask(role, rule, method).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "'unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "Server" not in headers
        if rule.endpoint != "static":
            assert "no-store" in headers["Cache-Control"]


@pytest.mark.parametrize(("rule", "method"), _routes("GET"))
def test_looking_changes_nothing_and_never_fails(real: Desk, rule: Rule, method: str) -> None:
    permission = declared(real.app.view_functions[rule.endpoint]) or ""

    for role in _first(permission):
        with _written(real.services.engine) as written:
            status = real.ask(role, rule, method).status_code
        assert written == []
        assert status < 500 or rule.rule == "/health/engine"  # no engine runs here


def _first(permission: str) -> list[Role]:
    return [role for role in Role if _may(permission, role)][:1]


@contextmanager
def _written(engine: Engine) -> Iterator[list[str]]:
    """Collect the statements that change something while it is open."""
    found: list[str] = []

    def note(*told: Any) -> None:
        statement = str(told[2]).lstrip().upper()
        if statement.startswith(WRITES):
            found.append(statement[:80])

    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


def test_a_route_that_declares_nothing_is_closed_to_all(real: Desk) -> None:
    app = application.make_app(real.services)
    app.add_url_rule("/forgotten", "forgotten", lambda: "open")

    statuses = set()
    for role in Role:
        client = app.test_client()
        client.set_cookie(*real.cookies[role])
        statuses.add(client.get("/forgotten").status_code)

    assert statuses == {403}
    assert not hasattr(app.view_functions["forgotten"], DECLARED)
    assert EXTENSION in app.extensions


def test_the_three_administrators_share_no_door(real: Desk) -> None:
    administrators = {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR}
    shared = {
        permission
        for permission, roles in GRANTS.items()
        if len(administrators & roles) > 1 and permission is not Permission.SIGNED_IN
    }

    assert shared == {Permission.PEOPLE}  # both see the accounts; each changes its own part
    business = set(Role) - administrators
    assert not [
        permission
        for permission, roles in GRANTS.items()
        if administrators & roles and business & roles and permission is not Permission.SIGNED_IN
    ]
