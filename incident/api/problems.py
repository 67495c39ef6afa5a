"""Errors of the API as problem documents (RFC 9457), with stable codes and Chinese words."""

import json
import logging
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from flask import Response, g, request
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from incident import words
from incident.api import spooling
from incident.api.limits import retry_after
from incident.errors import (
    Conflict,
    IllegalStep,
    InvalidInput,
    StaleVersion,
    TocsinError,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from incident.web.spooling import DatabaseAway


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldProblem:
    """One field that is wrong, by its dotted path."""

    field: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong; `code` is stable, `detail` Chinese, `trace` names the request in the log.

    `errors` come with 422, `open` and `state` with illegal-step, `current` with 412; `values`
    say what the detail of a 409 speaks of, such as the `id` of the draft that lies open.
    """

    type: str
    title: str
    status: int
    code: str
    detail: str
    trace: str
    errors: tuple[FieldProblem, ...] = ()
    open: tuple[str, ...] = ()
    state: str = ""
    current: int = 0
    values: dict[str, Any] = field(default_factory=dict)


logger = logging.getLogger(__name__)
MEDIA = "application/problem+json"
RETRY_SECONDS = 5
AWAY = (OperationalError, InterfaceError, PoolExhausted, DatabaseAway)
CODES = {
    400: "bad-request",
    404: "not-found",
    405: "method-not-allowed",
    408: "bad-request",
    413: "too-large",
    415: "unsupported-media-type",
    429: "too-many-requests",
    503: "unavailable",
}


def answer(error: Exception) -> Response:
    """Return the problem document for whatever went wrong."""
    if isinstance(error, TocsinError):
        return _known(error)
    if isinstance(error, HTTPException):
        return _http(error)
    if isinstance(error, AWAY):
        return _away(error)
    if isinstance(error, IntegrityError):
        logger.warning("two changes met: %s", type(error.orig).__name__)
        return _problem(409, "changed-meanwhile", {})
    logger.error("fault in %s", request.endpoint, exc_info=error)
    return _problem(500, "internal", {})


def _away(error: Exception) -> Response:
    """Answer without the database what can be answered so, such as a report that is filed."""
    logger.error("the database does not answer: %s", type(error).__name__)
    try:
        return spooling.instead() or _known(Unavailable())
    except TocsinError as refused:
        return _known(refused)
    except HTTPException as refused:
        return _http(refused)


def _known(error: TocsinError) -> Response:
    response = _problem(error.status, error.code, error.values, **_more(error))
    if isinstance(error, Unauthenticated):
        fault = ', error="invalid_token"' if error.code.startswith("token-") else ""
        response.headers["WWW-Authenticate"] = f'Bearer realm="tocsin"{fault}'
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, Unavailable):
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:  # a redirect to the true address
        return Response(status=status, headers=error.get_headers())
    response = _problem(status, CODES.get(status, "bad-request"), {})
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        response.headers["Retry-After"] = str(retry_after(error))
    return response


def _more(error: TocsinError) -> dict[str, Any]:
    """Return the members that some errors have beside the usual ones."""
    match error:
        case InvalidInput():
            return {
                "errors": [
                    {
                        "field": item.field,
                        "code": item.code,
                        "detail": words.phrase("fields", item.code, item.values),
                    }
                    for item in error.errors
                ]
            }
        case IllegalStep():
            return {"open": list(error.open_actions), "state": str(error.values["state"])}
        case StaleVersion():
            return {"current": error.current}
        case Conflict() if error.values:
            return {"values": error.values}
    return {}


def _problem(status: int, code: str, values: dict[str, object], /, **more: Any) -> Response:
    document = {
        "type": f"urn:tocsin:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": words.phrase("errors", code, values),
        "trace": g.get("trace", "-"),
        **more,
    }
    text = json.dumps(document, ensure_ascii=False)
    return Response(text, status, mimetype=MEDIA)
