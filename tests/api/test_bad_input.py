"""Bad input: a clear problem, never a fault, nothing half-written."""

import json
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from incident.api import limits
from incident.app import create_app
from incident.models import Attachment, Incident
from incident.services import Services
from tests.api.conftest import Caller, Callers
from tests.support.databases import SqliteDatabases
from tests.support.desk import desk_database, make_incident, raw_report


@pytest.fixture
def desk_url(sqlite_databases: SqliteDatabases) -> str:
    """One dialect is enough for what never reaches the database."""
    return desk_database(sqlite_databases)


NESTED = '{"a":' * 50_000 + "1" + "}" * 50_000
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "half": b'{"kind": "food"',
    "not utf-8": '{"kind": "突发事件"}'.encode("gb18030"),
    "utf-16": '{"kind": "food"}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"kind": "food"}',
    "a list": b"[1, 2]",
    "a word": b'"food"',
    "null": b"null",
    "nan": b'{"kind": NaN}',
    "infinity": b'{"counts": {"ill": 1e999}}',
    "endless number": b'{"counts": {"ill": ' + b"9" * 5000 + b"}}",
    "name twice": b'{"kind": "food", "kind": "drug"}',
    "too deep": NESTED.encode(),
    "lone surrogate": rb'{"narrative": "\ud800"}',
}


@pytest.mark.parametrize("name", BODIES)
def test_what_is_no_json_object_is_refused(officer: Caller, name: str) -> None:
    answer = officer.send("POST", "/reports", data=BODIES[name], content_type="application/json")
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["code"] in ("bad-json", "not-an-object")
    assert answer.get_json()["trace"] == answer.headers["X-Trace"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_other_kinds_of_body_are_refused(officer: Caller, kind: str) -> None:
    answer = officer.send("POST", "/reports", data=b"{}", content_type=kind)
    assert (answer.status_code, answer.get_json()["code"]) == (415, "unsupported-media-type")


def test_a_giant_body_is_refused(officer: Caller) -> None:
    body = json.dumps({"narrative": "x" * 2_200_000}).encode()
    answer = officer.send("POST", "/reports", data=body, content_type="application/json")
    assert (answer.status_code, answer.get_json()["code"]) == (413, "too-large")


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"kind": "water"}, "kind", "not-one-of"),
    ({"kind": 7}, "kind", "not-one-of"),
    ({"extra": 1}, "extra", "unknown-field"),
    ({"counts": {"ill": "40"}}, "counts.ill", "wrong-type"),
    ({"counts": {"ill": -1}}, "counts.ill", "too-small"),
    ({"counts": {"ill": 10**30}}, "counts.ill", "too-large"),
    ({"counts": {"ill": 4.5}}, "counts.ill", "wrong-type"),
    ({"counts": {"ill": True}}, "counts.ill", "wrong-type"),
    ({"counts": {"ill": 1, "deaths": 2}}, "counts.deaths", "above"),
    ({"counts": {"ill": 1, "hospitalised": 2}}, "counts.hospitalised", "above"),
    ({"place": {"division": "000000"}}, "place.division", "unknown-division"),
    ({"place": {"division": "三三零一零六"}}, "place.division", "wrong-type"),
    ({"place": None}, "place", "wrong-type"),
    ({"occurred_at": "2026-11-22T23:30:00"}, "occurred_at", "no-zone"),
    ({"occurred_at": "yesterday"}, "occurred_at", "bad-time"),
    ({"occurred_at": "0001-01-01T00:00:00Z"}, "occurred_at", "bad-time"),
    ({"occurred_at": "2026-12-01T00:00:00Z"}, "occurred_at", "in-future"),
    ({"aware_at": "2026-11-01T00:00:00Z"}, "aware_at", "before"),
    ({"narrative": "a\x00b"}, "narrative", "control-character"),
    ({"narrative": "字" * 4001}, "narrative", "too-long"),
    ({"symptoms": ["呕吐"] * 31}, "symptoms", "too-many"),
    ({"reporter": {"phone": "拨打"}}, "reporter.phone", "wrong-type"),
    ({"incident": "SP-none"}, "incident", "no-such-incident"),
    ({"incident": "' or 1=1 --"}, "incident", "no-such-incident"),
]


@pytest.mark.parametrize(("change", "field", "code"), WRONG, ids=lambda value: str(value)[:40])
def test_a_wrong_field_is_named(
    officer: Caller, change: dict[str, Any], field: str, code: str
) -> None:
    answer = officer.post("/reports", raw_report(**change))
    assert answer.status_code == 422
    errors = {row["field"]: row for row in answer.get_json()["errors"]}
    assert errors[field]["code"] == code
    assert any("\u4e00" <= character <= "\u9fff" for character in errors[field]["detail"])


def test_text_of_users_is_never_a_template(officer: Caller) -> None:
    hostile = "{0} {title} {{7*7}} <script>alert(1)</script> %s ' ; --"
    answer = officer.post("/reports", raw_report(narrative=hostile, unit={"name": hostile}))
    assert answer.status_code == 201
    assert answer.get_json()["incident"]["unit"] == hostile


def test_a_step_that_is_not_open_names_the_open_ones(services: Services, caller: Callers) -> None:
    number = make_incident(services).number
    answer = caller("commander").act(number, "activate")
    problem = answer.get_json()
    assert (answer.status_code, problem["code"]) == (409, "illegal-step")
    assert problem["open"] == ["verify", "dismiss", "merge", "transfer"]
    assert problem["state"] == "reported"


def test_a_step_of_another_is_forbidden_and_one_that_lacks_something_names_it(
    services: Services, caller: Callers, officer: Caller
) -> None:
    number = make_incident(services).number
    answer = caller("commander").act(number, "verify", conclusion="属实")
    assert (answer.status_code, answer.get_json()["code"]) == (403, "wrong-role")
    answer = officer.act(number, "verify")
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "conclusion")


def test_an_unknown_action_is_not_found(services: Services, officer: Caller) -> None:
    number = make_incident(services).number
    answer = officer.act(number, "explode")
    assert (answer.status_code, answer.get_json()["code"]) == (404, "no-such-action")


def test_a_change_says_what_it_is_based_on(services: Services, officer: Caller) -> None:
    incident = make_incident(services)
    path = f"/incidents/{incident.number}/actions/verify"
    raw = {"conclusion": "属实"}
    missing = officer.post(path, raw)
    assert (missing.status_code, missing.get_json()["code"]) == (428, "version-required")
    for header in ("7", 'W/"7"', "*", '"x"', '""', '"99999999999"'):
        answer = officer.post(path, raw, headers={"If-Match": header})
        assert (answer.status_code, answer.get_json()["code"]) == (400, "bad-if-match")
    stale = officer.post(path, raw, headers={"If-Match": '"999"'})
    assert (stale.status_code, stale.get_json()["current"]) == (412, incident.version)
    with services.reading() as session:
        assert session.scalar(select(Incident.state)) == "reported"


@pytest.mark.parametrize("key", ["", " ", "a" * 101, "a b", "钥匙", "a\x7f"])
def test_a_key_that_is_none_is_refused(officer: Caller, key: str) -> None:
    headers = {"Idempotency-Key": key.encode().decode("latin-1")}
    answer = officer.post("/reports", raw_report(), headers=headers)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "bad-idempotency-key")


def test_another_method_is_refused(officer: Caller) -> None:
    answer = officer.send("DELETE", "/incidents")
    assert (answer.status_code, answer.get_json()["code"]) == (405, "method-not-allowed")
    assert "GET" in answer.headers["Allow"]


UPLOADS: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "空.txt", "file-empty"),
    "page": (b"<html><script>alert(1)</script>", "a.txt", "file-kind"),
    "drawing": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "a.svg", "file-kind"),
    "program": (b"MZ\x90\x00\x03", "report.pdf", "file-kind"),
    "half a picture": (b"\x89PNG\r\n\x1a\n\x00\x00", "a.png", "file-damaged"),
    "archive": (b"PK\x03\x04aaaa", "a.docx", "file-damaged"),
}


@pytest.mark.parametrize("name", UPLOADS)
def test_a_hostile_file_is_refused(services: Services, officer: Caller, name: str) -> None:
    content, filename, code = UPLOADS[name]
    number = make_incident(services).number
    data = {"file": (BytesIO(content), filename)}
    answer = officer.post(f"/incidents/{number}/attachments", data=data)
    assert (answer.status_code, answer.get_json()["errors"][0]["code"]) == (422, code)
    with services.reading() as session:
        assert session.scalar(select(func.count()).select_from(Attachment)) == 0


def test_a_form_without_a_file_or_no_form_is_refused(services: Services, officer: Caller) -> None:
    path = f"/incidents/{make_incident(services).number}/attachments"
    assert officer.post(path, {"file": "x"}).status_code == 415
    data = {"other": (BytesIO(b"x"), "a.txt")}
    assert officer.post(path, data=data).get_json()["errors"][0]["code"] == "required"
    broken = officer.send("POST", path, data=b"--x", content_type="multipart/form-data")
    assert broken.status_code == 422


def test_a_file_may_be_larger_than_other_bodies_but_not_too_large(
    services: Services, officer: Caller
) -> None:
    path = f"/incidents/{make_incident(services).number}/attachments"
    assert _send_file(officer, path, b"x" * 3_000_000).status_code == 201
    answer = _send_file(officer, path, b"x" * (26 * 1024 * 1024))
    assert (answer.status_code, answer.get_json()["code"]) == (413, "too-large")


def _send_file(caller: Caller, path: str, content: bytes) -> TestResponse:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    form = head + content + b"\r\n--x--\r\n"
    return caller.send("POST", path, data=form, content_type="multipart/form-data; boundary=x")


def test_who_writes_too_often_is_told_when_to_come_again(
    officer: Caller, monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    monkeypatch.setattr(limits, "WRITES", "2 per 10 seconds")
    hasty = Caller(create_app(services).test_client(), officer.token)
    body = {"kind": "food", "facts": {}}
    statuses = [hasty.post("/grading/preview", body).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    answer = hasty.post("/grading/preview", body)
    assert answer.get_json()["code"] == "too-many-requests"
    assert answer.headers["Retry-After"] == "10"
    assert hasty.get("/incidents").status_code == 200


def test_a_fault_is_a_problem_with_its_trace(app: Flask, officer: Caller) -> None:
    def broken() -> str:
        raise ZeroDivisionError

    view = app.view_functions["api_plans.index"]
    broken.__dict__.update(view.__dict__)
    app.view_functions["api_plans.index"] = broken
    answer = officer.get("/plans")
    assert (answer.status_code, answer.get_json()["code"]) == (500, "internal")
    assert answer.get_json()["trace"] == answer.headers["X-Trace"]
    assert "ZeroDivision" not in answer.text
