"""The OpenAPI document is true in both directions."""

from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from openapi_spec_validator import validate
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from incident.api import openapi
from incident.services import Services
from tests.api.conftest import PREFIX, Caller, Callers
from tests.support.databases import SqliteDatabases
from tests.support.desk import desk_database, make_incident, make_token, raw_report

CHECKS = (
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
)
EXAMPLES = 4
OUTSIDE = ("/healthz", "/readyz", "/metrics", "/health/engine")


@pytest.fixture
def desk_url(sqlite_databases: SqliteDatabases) -> str:
    """The document does not depend on the database."""
    return desk_database(sqlite_databases)


@pytest.fixture
def document(nobody: Caller) -> dict[str, Any]:
    answer = nobody.get("/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    validate(document)  # type: ignore[no-untyped-call,unused-ignore]


def test_every_route_is_in_the_document_and_every_path_is_a_route(
    app: Flask, document: dict[str, Any]
) -> None:
    routes = {
        (openapi.path_of(rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(PREFIX) or rule.rule in OUTSIDE
    }
    documented = {(path, method) for path, item in document["paths"].items() for method in item}
    assert documented == routes


def test_answers_have_the_shape_that_the_document_gives(
    services: Services, caller: Callers, document: dict[str, Any]
) -> None:
    number = make_incident(services, state="consulting").number
    officer, admin = caller("duty_officer"), caller("system_admin")
    officer.post(f"/incidents/{number}/briefings", {"kind": "initial"})
    shown = 0
    for path, item in document["paths"].items():
        if "get" not in item or not set(item["get"]["responses"]) & {"200"}:
            continue
        where = (
            path.removeprefix(PREFIX).replace("{number}", number).replace("{id}", "food-CN@2011")
        )
        for name in ("task", "consultation", "briefing"):
            where = where.replace(f"{{{name}}}", "1")
        answer = (admin if where == "/metrics" else officer).get(where)
        if answer.mimetype == "application/json":
            _check(document, item["get"], answer.status_code, answer.get_json())
            shown += 1
    assert shown >= 15


def test_problems_have_the_shape_that_the_document_gives(
    officer: Caller, nobody: Caller, document: dict[str, Any]
) -> None:
    post = document["paths"][f"{PREFIX}/reports"]["post"]
    for answer in (
        nobody.post("/reports", {}),
        officer.post("/reports", {}),
        officer.send("POST", "/reports", data="x"),
        officer.send("POST", "/reports", data="{", content_type="application/json"),
        officer.post("/reports", raw_report(), headers={"Idempotency-Key": " "}),
    ):
        _check(document, post, answer.status_code, answer.get_json())


def test_schemathesis_finds_no_fault_and_no_undocumented_status(
    services: Services, app: Flask
) -> None:
    for state in ("reported", "responding", "consulting"):
        make_incident(services, state=state)
    number = make_incident(services, state="disposing").number
    tokens = {
        role: make_token(services, role)
        for role in ("duty_officer", "commander", "expert", "system_admin")
    }
    schema = schemathesis.openapi.from_wsgi(
        f"{PREFIX}/openapi.json", app, config=SchemathesisConfig()
    )
    for result in schema.get_all_operations():
        operation: Any = result.ok()  # type: ignore[union-attr]
        if operation.path == "/health/engine":  # there is none here, and that is what it says
            continue
        for mode in GenerationMode:
            if operation.path_parameters or mode.is_positive:
                _try(operation.as_strategy(generation_mode=mode), list(tokens.values()), number)


def _try(cases: Any, tokens: list[str], number: str) -> None:
    turn = iter(range(10_000))

    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.explicit, Phase.generate],
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def run(case: Any) -> None:
        if "number" in case.path_parameters:
            case.path_parameters["number"] = number
        token = tokens[next(turn) % len(tokens)]
        headers = {"Authorization": f"Bearer {token}"}
        case.call_and_validate(headers=headers, checks=CHECKS)

    given(case=cases)(run)()


def _check(document: dict[str, Any], operation: Any, status: int, body: object) -> None:
    answer = operation["responses"][str(status)]
    (media,) = answer["content"].values()
    schema = {**media["schema"], "components": document["components"]}
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert [error.message for error in validator.iter_errors(body)] == []
