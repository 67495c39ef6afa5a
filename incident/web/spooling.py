"""Take reports without the database: who may, for how long the database is waited for, and how.

The usual way does not pass here: only when the database has failed a request, an error handler
asks for what can be done without it.
"""

import hashlib
import logging
import time
from datetime import timedelta
from typing import Any, cast

from flask import Flask, current_app, g, request
from werkzeug.wrappers import Response

from incident import spool
from incident.callers import Caller, Callers
from incident.db import PATIENCE
from incident.errors import Forbidden, KeyReused, Unauthenticated, Unavailable
from incident.operations import people
from incident.services import Services
from incident.spool import Spooled
from incident.web.access import Permission, grants
from incident.web.cookies import cookie_name
from incident.web.desk import services
from incident.who import Who
from workflows.lifecycle import Role

logger = logging.getLogger(__name__)

EXTENSION = "tocsin-spooling"
TAKING = frozenset({"api_reports.create", "reports.file", "outage.take"})
HURRIED = TAKING | {"reports.send"}
PATIENCE_MILLISECONDS = 900  # a report waits for two locks at most, and is answered within 2 s
AWAY_FOR = 2.0  # seconds after a failure in which reports do not try the database anew
ALPHABET = "ABCDEFGHJKLMNPQRTUVWXYZ2346789"  # without what is mistaken over the telephone
PREFIX, LENGTH = "ZC-", 8


class DatabaseAway(Exception):
    """The database failed a moment ago; it is not asked again for this request."""


class Spooling:
    """What one application knows: who was here lately, and since when the database is away."""

    def __init__(self, desk: Services) -> None:
        self.folder = desk.settings.spool_dir
        self.callers = Callers(self.folder)
        self._away_until = 0.0

    def note_away(self) -> None:
        """Let the reports of the next moments go straight into the spool, then try it anew."""
        if not self.is_away:
            self._away_until = time.monotonic() + AWAY_FOR

    @property
    def is_away(self) -> bool:
        """Tell whether the database failed a moment ago."""
        return time.monotonic() < self._away_until


def install(app: Flask, desk: Services) -> None:
    """Begin to remember who is here; before the hooks that ask the database who it is."""
    app.extensions[EXTENSION] = Spooling(desk)
    app.before_request(_hurry)
    app.teardown_request(_relax)
    app.after_request(_vouch)


def present() -> Spooling:
    """Return what the present application knows."""
    return cast(Spooling, current_app.extensions[EXTENSION])


def caller() -> Who:
    """Return who makes the request, if need be as the database last knew him.

    Raise Unauthenticated for nobody, Unavailable for somebody unknown here, Forbidden for one
    who may not report.
    """
    digest = credential()
    if digest is None:
        raise Unauthenticated
    if "who" not in g:
        known = present().callers.find(digest, services().now())
        if known is None:
            raise Unavailable("caller-unknown")
        g.who, g.scopes, g.is_unchecked = _as_known(known), frozenset(known.scopes), True
    found: Who = g.who
    if not grants(found, Permission.REPORT):
        raise Forbidden
    return found


def take(
    *,
    key: str,
    body: str,
    answered: str,
    content: dict[str, Any],
    incident: str | None = None,
    version: int | None = None,
) -> Spooled:
    """Put a report into the spool; the same key and body get the same number again.

    Raise KeyReused for another body, Unavailable where the spool cannot take it: nothing was
    accepted then.
    """
    known = spool.find(present().folder, number_for(key))
    if known is not None:
        if known.body != body:
            raise KeyReused
        return known
    who, now = caller(), services().now()
    one = Spooled(
        number=number_for(key),
        key=key,
        body=body,
        answered=answered,
        user_id=who.person,
        person=who.display,
        credential=credential() or "",
        content=content,
        incident=incident,
        version=version,
        began_at=now - timedelta(seconds=time.perf_counter() - g.began),
        spooled_at=now,
    )
    try:
        spool.append(present().folder, one)
    except OSError as error:
        logger.critical("a report could not be spooled: %s", error.strerror or type(error).__name__)
        raise Unavailable("spool-failed") from error
    logger.warning("report %s was spooled", one.number)
    return one


def number_for(key: str) -> str:
    """Return the temporary number of what comes under a key."""
    rest = int.from_bytes(hashlib.sha256(key.encode()).digest())
    digits = []
    for _ in range(LENGTH):
        rest, place = divmod(rest, len(ALPHABET))
        digits.append(ALPHABET[place])
    return PREFIX + "".join(digits)


def credential() -> str | None:
    """Return the digest of the token or session that a request brings, None for none."""
    if request.path.startswith("/api/"):
        _, _, token = request.headers.get("Authorization", "").partition(" ")
    else:
        token = request.cookies.get(cookie_name(services()), "")
    return people.digest(token.strip()) if token.strip() else None


def _hurry() -> None:
    """Wait shortly for the database, or not at all when it failed a moment ago."""
    if request.endpoint not in HURRIED:
        return
    g.patience = PATIENCE.set(PATIENCE_MILLISECONDS)
    if request.endpoint in TAKING and present().is_away and _is_known():
        raise DatabaseAway


def _is_known() -> bool:
    digest = credential()
    return digest is not None and present().callers.find(digest, services().now()) is not None


def _relax(_error: BaseException | None) -> None:
    if "patience" in g:
        PATIENCE.reset(g.pop("patience"))


def _vouch(response: Response) -> Response:
    """Remember whom the database has just known, if he may report."""
    who: Who | None = g.get("who")
    if who is None or who.id is None or "is_unchecked" in g or not grants(who, Permission.REPORT):
        return response
    digest = credential()
    if digest is not None:
        known = Caller(
            user_id=who.id,
            display=who.display,
            roles=tuple(sorted(who.roles)),
            scopes=tuple(sorted(g.get("scopes", ()))),
            vouched_at=services().now(),
        )
        _note(digest, known)
    return response


def _note(digest: str, known: Caller) -> None:
    try:
        present().callers.note(digest, known)
    except OSError as error:
        logger.warning("callers cannot be remembered: %s", error.strerror)


def _as_known(known: Caller) -> Who:
    return Who(
        id=known.user_id,
        display=known.display,
        roles=frozenset(Role(role) for role in known.roles),
        network=request.remote_addr,
    )
