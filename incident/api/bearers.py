"""Whose token a request brings, and what the token may be used for."""

from flask import current_app, g, request

from incident.api.contract import described
from incident.errors import Forbidden, Unauthenticated
from incident.operations import access
from incident.web.desk import services

SCHEME = "bearer"
READING = ("GET", "HEAD", "OPTIONS")
OURS = frozenset({"api", "metrics"})


def identify() -> None:
    """Set `g.who` from the token of an API request; a browser's cookie does not count here.

    So no foreign page can make a browser act: there is nothing that it sends by itself.
    """
    if not is_api():
        return
    g.pop("who", None)
    header = request.headers.get("Authorization")
    if header is None:
        return
    scheme, _, token = header.partition(" ")
    if scheme.lower() != SCHEME or not token.strip():
        raise Unauthenticated("token-missing")
    desk = services()
    with desk.asking() as connection:
        found = access.bearer(connection, token.strip(), desk.now(), network=request.remote_addr)
    g.who, g.scopes, g.token_id = found.who, found.scopes, found.token_id


def check_scope() -> None:
    """Let a token do only what it was issued for; an operation that declares nothing is closed."""
    if not is_api() or request.endpoint is None:
        return
    declared = described(current_app.view_functions.get(request.endpoint))
    if declared is None:
        raise Forbidden
    scopes = g.get("scopes")
    if scopes and declared.scope is not None and declared.scope not in scopes:
        raise Forbidden("wrong-scope", scope=declared.scope)


def is_api() -> bool:
    """Tell whether the request is for the API or the metrics."""
    return request.path.split("/", 2)[1] in OURS
