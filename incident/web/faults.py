"""Errors as pages: what is wrong, why, what to do, and the trace code."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from werkzeug.exceptions import HTTPException

from incident import words
from incident.errors import InvalidInput, TocsinError, TooMany, Unauthenticated
from incident.web import access, outage
from incident.web.language import language
from incident.web.spooling import DatabaseAway

Page = Callable[[Any], ResponseReturnValue]
Machine = Callable[[Exception], ResponseReturnValue]

logger = logging.getLogger(__name__)
CODES = {
    400: "bad-request",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    415: "unsupported-media-type",
}


def install(app: Flask, *, machine: Machine) -> None:
    """Let every error end in a page, or in what `machine` makes of it for a machine."""

    def register(kind: type[Exception], page: Page) -> None:
        def answer(error: Exception) -> ResponseReturnValue:
            return page(error) if access.comes_from_page() else machine(error)

        app.register_error_handler(kind, answer)

    for kind, page in PAGES.items():
        register(kind, page)


def field_words(error: InvalidInput) -> dict[str, str]:
    """Return {field: what is wrong with it} in the page's language."""
    return {
        item.field: words.phrase("fields", item.code, item.values, language())
        for item in error.errors
    }


def error_words(error: TocsinError) -> str:
    """Return what an error says in the page's language."""
    return words.phrase("errors", error.code, error.values, language())


def _known(error: TocsinError) -> ResponseReturnValue:
    if isinstance(error, Unauthenticated) and request.method == "GET":
        return redirect(url_for("access.sign_in", next=request.full_path.rstrip("?")))
    answer = _page(error.status, error_words(error), error)
    if isinstance(error, TooMany):
        return answer[0], answer[1], {"Retry-After": str(error.retry_after)}
    return answer


def _forged(error: CSRFError) -> ResponseReturnValue:
    logger.warning("request without a true CSRF token: %s", error.description)
    return _page(400, words.label("errors", "page-too-old", language()))


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    return _page(status, words.label("errors", CODES.get(status, "bad-request"), language()))


def _database(error: Exception) -> ResponseReturnValue:
    """Do without the database what can be done without it, such as taking a report."""
    logger.error("the database does not answer: %s", type(error).__name__)
    try:
        answer = outage.instead()
    except TocsinError as refused:
        return _known(refused)
    except CSRFError as refused:
        return _forged(refused)
    if answer is not None:
        return answer
    return _page(503, words.label("errors", "unavailable", language()))


def _unknown(error: Exception) -> ResponseReturnValue:
    logger.error("fault in %s", request.endpoint, exc_info=error)
    return _page(500, words.label("errors", "internal", language()))


def _page(status: int, text: str, error: TocsinError | None = None) -> tuple[str, int]:
    fields = field_words(error) if isinstance(error, InvalidInput) else {}
    page = render_template(
        "error.html", status=status, text=text, fields=fields, trace=g.get("trace", "-")
    )
    return page, status


PAGES: Mapping[type[Exception], Page] = {
    TocsinError: _known,
    CSRFError: _forged,
    HTTPException: _http,
    OperationalError: _database,
    InterfaceError: _database,
    PoolExhausted: _database,
    DatabaseAway: _database,
    Exception: _unknown,
}
