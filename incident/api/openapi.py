"""The OpenAPI 3.1 document, made from what each operation declares."""

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask
from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode
from werkzeug.routing import Rule

from incident.api import problems
from incident.api.contract import JSON, SCOPES, Match, Operation, described
from incident.operations.actions import DOORS
from incident.web.access import PUBLIC, declared

Json = dict[str, Any]
REFERENCE = "#/components/schemas/{model}"
CONVERTED = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
NAMED_PATHS: Mapping[str, Json] = {"name": {"type": "string", "enum": list(DOORS)}}
INTEGER = {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}
TITLE = "Tocsin"
ABOUT = (
    "The incident desk of a food and drug regulator. Times are ISO 8601 with offset. Lists take "
    "`cursor` and `limit`. Errors are problem documents (RFC 9457) with a stable `code`."
)
IF_MATCH: Json = {
    "name": "If-Match",
    "in": "header",
    "description": "The version of the incident that the change is based on, in quotes.",
    "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
}
KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key and body of the same caller are answered the same again.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,100}$"},
}
REPLAYED: Json = {
    "description": "Present when the answer was given before.",
    "schema": {"type": "string", "const": "true"},
}


def operations(app: Flask) -> Iterator[tuple[Rule, str, Operation]]:
    """Yield each rule and method that declares an operation."""
    for rule in app.url_map.iter_rules():
        operation = described(app.view_functions[rule.endpoint])
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if operation is not None:
                yield rule, method.lower(), operation


def path_of(rule: Rule) -> str:
    """Return a rule as OpenAPI writes it."""
    return CONVERTED.sub(r"{\1}", rule.rule)


def build(app: Flask) -> Json:
    """Return the document of an application."""
    schemas, components = _schemas(app)
    paths: dict[str, Json] = {}
    for rule, method, operation in operations(app):
        item = _operation(app, rule, operation, schemas)
        paths.setdefault(path_of(rule), {})[method] = item
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": "1", "description": ABOUT},
        "servers": [{"url": "/"}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": components,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "`tocsin token issue`. Scopes: "
                    + "; ".join(f"{scope}: {meaning}" for scope, meaning in SCOPES.items()),
                }
            },
        },
    }


def _schemas(app: Flask) -> tuple[Mapping[Any, Json], Json]:
    """Return the schema of each type that goes in or out, and those that they refer to."""
    wanted: dict[Any, JsonSchemaMode] = {problems.Problem: "serialization"}
    for _, _, operation in operations(app):
        inputs = (*operation.body, *((operation.query,) if operation.query else ()))
        wanted.update(dict.fromkeys(inputs, "validation"))
        answers = [operation.answer, *(answer for _, _, answer in operation.also)]
        wanted.update({one: "serialization" for one in answers if one is not None})
    found, rest = TypeAdapter.json_schemas(
        [(kind, mode, TypeAdapter(kind)) for kind, mode in wanted.items()], ref_template=REFERENCE
    )
    return {kind: schema for (kind, _), schema in found.items()}, rest.get("$defs", {})


def _operation(app: Flask, rule: Rule, operation: Operation, schemas: Mapping[Any, Json]) -> Json:
    permission = declared(app.view_functions[rule.endpoint])
    is_public = permission == PUBLIC
    item: Json = {
        "operationId": rule.endpoint,
        "tags": [rule.endpoint.split(".")[0].removeprefix("api_")],
        "summary": operation.summary,
        "security": [] if is_public else [{"token": [str(operation.scope)]}],
        "x-permission": str(permission),
        "parameters": [*_parameters(rule, operation, schemas)],
        "responses": {
            str(operation.status): _success(operation, schemas),
            **_other_successes(operation, schemas),
            **_failures(rule, operation, schemas, is_public=is_public),
        },
    }
    if operation.body or operation.upload:
        item["requestBody"] = _body(operation, schemas)
    return item


def _parameters(rule: Rule, operation: Operation, schemas: Mapping[Any, Json]) -> Iterator[Json]:
    for name in sorted(rule.arguments):
        is_number = "int" in type(rule._converters[name]).__name__.lower()
        text = NAMED_PATHS.get(name, {"type": "string", "minLength": 1})
        schema = INTEGER if is_number else text
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    if operation.query is not None:
        yield from _query(operation.query.model_json_schema(ref_template=REFERENCE))
    if operation.match is not Match.NONE:
        yield IF_MATCH
    if operation.changes:
        yield KEY


def _query(model: Json) -> Iterator[Json]:
    for name, schema in model["properties"].items():
        listed = schema.get("type") == "array"
        style = {"style": "form", "explode": False} if listed else {}
        yield {"name": name, "in": "query", "schema": _without_null(schema), **style}


def _without_null(schema: Json) -> Json:
    """Return a schema without null, which an address cannot say."""
    ways = [way for way in schema.get("anyOf", ()) if way != {"type": "null"}]
    rest = {name: value for name, value in schema.items() if name not in ("anyOf", "default")}
    return {**rest, **ways[0]} if len(ways) == 1 else schema


def _body(operation: Operation, schemas: Mapping[Any, Json]) -> Json:
    if operation.upload:
        file = {"type": "string", "contentMediaType": "application/octet-stream"}
        form = {"type": "object", "properties": {"file": file}, "required": ["file"]}
        return {"required": True, "content": {"multipart/form-data": {"schema": form}}}
    ways = [schemas[model] for model in operation.body]
    schema = ways[0] if len(ways) == 1 else {"anyOf": ways}
    return {"required": True, "content": {JSON: {"schema": schema}}}


def _success(operation: Operation, schemas: Mapping[Any, Json]) -> Json:
    schema = schemas[operation.answer] if operation.answer is not None else {}
    answer: Json = {
        "description": HTTPStatus(operation.status).phrase,
        "content": {operation.media: {"schema": schema}},
    }
    if operation.changes:
        answer["headers"] = {"Idempotent-Replayed": REPLAYED}
    return answer


def _other_successes(operation: Operation, schemas: Mapping[Any, Json]) -> Json:
    return {
        str(status): {"description": meaning, "content": {JSON: {"schema": schemas[answer]}}}
        for status, meaning, answer in operation.also
    }


def _failures(
    rule: Rule, operation: Operation, schemas: Mapping[Any, Json], *, is_public: bool
) -> Json:
    problem = {problems.MEDIA: {"schema": schemas[problems.Problem]}}
    return {
        str(status): {"description": HTTPStatus(status).phrase, "content": problem}
        for status in sorted(_statuses(rule, operation, is_public=is_public))
    }


def _statuses(rule: Rule, operation: Operation, *, is_public: bool) -> set[int]:
    """Return the statuses of the problems that an operation knows."""
    known = {500, 503, *operation.problems}
    if not is_public:
        known |= {401, 403}
    if rule.arguments:
        known |= {404, 405}  # an empty part of a path leads to another route
    if operation.query is not None:
        known |= {422}
    if operation.body or operation.upload:
        known |= {400, 413, 415, 422, 429}
    if operation.match is not Match.NONE:
        known |= {412}
    if operation.match is Match.REQUIRED:
        known |= {428}
    return known
