"""Answer with what the operation declared, as JSON."""

import json
from functools import cache
from typing import Any

from flask import Response, current_app, request
from pydantic import TypeAdapter

from incident.api.contract import JSON, Operation, described


def present() -> Operation:
    """Return what the present operation declared."""
    declared = described(current_app.view_functions[request.endpoint or ""])
    if declared is None:
        raise LookupError(request.endpoint)
    return declared


def plain(value: object) -> Any:
    """Return a value as JSON has it, in the shape of the declared answer."""
    return _adapter(present().answer).dump_python(value, mode="json")


def respond(value: object) -> Response:
    """Answer with a value."""
    return send(plain(value), present().status)


def send(content: Any, status: int) -> Response:
    """Answer with JSON; the version of an incident is also its ETag."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    response = Response(text, status, mimetype=JSON)
    version = _version(content)
    if version is not None:
        response.headers["ETag"] = f'"{version}"'
    return response


def _version(content: Any) -> object:
    """Return the version of the incident that an answer speaks of."""
    incident = content.get("incident", content)
    if isinstance(incident, dict) and "state" in incident:
        return incident.get("version")
    return None


@cache
def _adapter(answer: Any) -> TypeAdapter[Any]:
    return TypeAdapter(answer)
