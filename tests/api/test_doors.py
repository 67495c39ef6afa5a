"""Every route × who asks: no token, a bad one, one too narrow, the wrong role, a stranger."""

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from incident.api import openapi
from incident.api.contract import Scope
from incident.clock import FrozenClock
from incident.models import Token
from incident.operations import access, people
from incident.services import Services
from incident.web.access import GRANTS, PUBLIC, Permission, declared
from incident.web.cookies import cookie_name
from incident.who import DESK
from tests.api.conftest import PREFIX, Caller, Callers
from tests.support.desk import make_incident, make_people, make_token
from workflows.lifecycle import Role

MACHINES = ("/healthz", "/readyz", "/metrics", "/health/engine")

Door = tuple[str, str, Permission, Scope]


def doors(app: Flask) -> Iterator[Door]:
    """Yield (method, address without prefix, permission, scope) of each closed route."""
    for rule, method, operation in openapi.operations(app):
        wanted = declared(app.view_functions[rule.endpoint])
        if wanted != PUBLIC:
            assert operation.scope is not None
            path = openapi.path_of(rule).removeprefix(PREFIX)
            yield method.upper(), path, Permission(str(wanted)), operation.scope


def address(path: str, number: str) -> str:
    for name, value in {"number": number, "name": "verify", "id": "food-CN@2011"}.items():
        path = path.replace(f"{{{name}}}", value)
    for name in ("task", "clock", "consultation", "attachment", "briefing", "follow_up"):
        path = path.replace(f"{{{name}}}", "1")
    return path


def test_every_api_route_declares_permission_and_operation(app: Flask) -> None:
    described = {rule.endpoint for rule, _, _ in openapi.operations(app)}
    ours = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(PREFIX) or rule.rule in MACHINES
    }
    assert ours == described
    assert all(declared(app.view_functions[endpoint]) for endpoint in ours)


def test_without_a_token_every_door_is_closed(app: Flask, nobody: Caller) -> None:
    for method, path, _, _ in doors(app):
        answer = nobody.send(method, address(path, "SP20261123-001"))
        assert (answer.status_code, answer.get_json()["code"]) == (401, "unauthenticated"), path
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("Bearer tcs_unknown", "token-unknown"),
        ("Bearer ", "token-missing"),
        ("Bearer", "token-missing"),
        ("Basic dXNlcjpwYXNz", "token-missing"),
        ("Bearer \xff\xfe", "token-unknown"),
        ("tcs_unknown", "token-missing"),
    ],
)
def test_a_token_that_is_none_is_refused(nobody: Caller, header: str, code: str) -> None:
    answer = nobody.get("/incidents", headers={"Authorization": header})
    assert (answer.status_code, answer.get_json()["code"]) == (401, code)
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_a_token_ends_with_its_days_its_revocation_and_its_account(
    services: Services, app: Flask
) -> None:
    make_people(services)
    officer = Caller(app.test_client(), make_token(services, "duty_officer", days=1))
    leader = Caller(app.test_client(), make_token(services, "duty_leader"))
    member = Caller(app.test_client(), make_token(services, "group_member"))
    with services.transaction() as session:
        owner = people.find(session, "duty_leader")
        row = session.query(Token).filter_by(user_id=owner.id).one()
        access.revoke_token(session, row.id, who=DESK, now=services.now())
        people.disable(session, people.find(session, "group_member"), who=DESK, now=services.now())
    assert officer.get("/incidents").status_code == 200
    clock = services.clock
    assert isinstance(clock, FrozenClock)
    clock.advance(timedelta(days=1))
    codes = [who.get("/incidents").get_json()["code"] for who in (officer, leader, member)]
    assert codes == ["token-expired", "token-unknown", "token-unknown"]


def test_a_role_without_the_permission_is_refused(
    services: Services, app: Flask, caller: Callers
) -> None:
    number = make_incident(services).number
    callers = {role: caller(role) for role in Role}
    for method, path, permission, _ in doors(app):
        for role in set(Role) - GRANTS[permission]:
            answer = callers[role].send(method, address(path, number))
            assert answer.status_code == 403, (method, path, role)


def test_a_token_does_only_what_it_was_issued_for(
    services: Services, app: Flask, caller: Callers
) -> None:
    number = make_incident(services).number
    role_of = {permission: min(GRANTS[permission]) for permission in Permission}
    for method, path, permission, scope in doors(app):
        others = set(Scope) - {scope}
        narrow = caller(role_of[permission], *others)
        answer = narrow.send(method, address(path, number))
        assert (answer.status_code, answer.get_json()["code"]) == (403, "wrong-scope"), path


def test_what_is_not_for_somebody_is_not_there(
    services: Services, app: Flask, caller: Callers
) -> None:
    """Reporters know their own, experts what they were asked, drill staff the drills."""
    number = make_incident(services).number
    strangers = [caller("reporter"), caller("expert"), caller("chair"), caller("observer")]
    roles = [Role.REPORTER, Role.EXPERT, Role.CHAIR, Role.OBSERVER]
    bodies = {"/opinions": {"confidence": "low", "text": "意见"}, "/kept": {"note": "已报"}}
    for method, path, permission, _ in doors(app):
        if "{number}" not in path:
            continue
        body = next((body for end, body in bodies.items() if path.endswith(end)), {})
        for role, stranger in zip(roles, strangers, strict=True):
            if role not in GRANTS[permission]:
                continue
            more: dict[str, Any] = (
                {} if method == "GET" else {"json": body, "headers": {"If-Match": '"1"'}}
            )
            if path.endswith("/attachments") and method == "POST":
                more = {"data": {"file": (BytesIO(b"x"), "a.txt")}}
            answer = stranger.send(method, address(path, number), **more)
            known = answer.status_code in (404, 422) and number not in answer.text
            assert known, (method, path, role, answer.status_code)


def test_the_cookie_of_a_browser_opens_nothing_here(services: Services, app: Flask) -> None:
    make_people(services)
    with services.transaction() as session:
        user = people.find(session, "duty_officer")
        reference = access.open_session(
            session, user, network="127.0.0.1", browser="test", now=services.now()
        )
    browser = Caller(app.test_client(), None)
    browser.client.set_cookie(cookie_name(services), reference)
    for answer in (browser.get("/incidents"), browser.post("/reports", {"kind": "food"})):
        assert (answer.status_code, answer.get_json()["code"]) == (401, "unauthenticated")


def test_a_change_of_roles_holds_at_once(services: Services, caller: Callers) -> None:
    officer = caller("duty_officer")
    assert officer.get("/incidents").status_code == 200
    with services.transaction() as session:
        user = people.find(session, "duty_officer")
        people.set_roles(session, user, ["auditor"], who=DESK, now=services.now())
    assert officer.get("/incidents").status_code == 403
