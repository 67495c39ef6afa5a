"""A trace code for each request: in the answer, on the error page, and in the log."""

import logging
import secrets

from flask import Response, g, has_request_context

HEADER = "X-Trace"


def begin() -> None:
    """Give the present request its code."""
    g.trace = secrets.token_hex(6)


def end(response: Response) -> Response:
    """Tell the caller the code."""
    if "trace" in g:
        response.headers[HEADER] = g.trace
    return response


class TraceFilter(logging.Filter):
    """Puts the request's code into each line of the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Set `trace` on the record, "-" outside a request."""
        record.trace = g.get("trace", "-") if has_request_context() else "-"
        return True
