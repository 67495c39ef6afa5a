"""The session cookie: find out who is there, keep the session awake, ask again after a rest."""

import logging
from datetime import datetime

from flask import g, request
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as TookTooLong
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from incident.errors import InvalidInput, Unauthenticated
from incident.models import User, WebSession
from incident.operations import access, passwords, people
from incident.services import Services
from incident.web.access import comes_from_page, is_harmless
from incident.web.desk import services

logger = logging.getLogger(__name__)
BACKGROUND = "X-Fragment"  # what scripts fetch on their own does not keep a session awake
PASSWORD_FIELD = "_password"  # noqa: S105  (the name of a field)


def cookie_name(desk: Services) -> str:
    """Return the cookie's name; the __Host- prefix needs TLS."""
    return "__Host-tocsin" if desk.settings.is_https else "tocsin"


def give(response: Response, reference: str) -> None:
    """Put the session's reference into the browser."""
    desk = services()
    response.set_cookie(
        cookie_name(desk),
        reference,
        max_age=int(access.LONGEST.total_seconds()),
        secure=desk.settings.is_https,
        httponly=True,
        samesite="Lax" if not desk.settings.is_https else "Strict",
        path="/",
    )


def take_away(response: Response) -> None:
    """Remove the reference from the browser."""
    response.delete_cookie(cookie_name(services()), path="/")


def identify() -> None:
    """Set `g.who` from the cookie; nobody when there is none or it is no longer good.

    The API never goes by the cookie: it has no CSRF token.
    """
    desk = services()
    reference = request.cookies.get(cookie_name(desk))
    if not reference or not comes_from_page():
        return
    now = desk.now()
    with desk.reading() as session:
        row = access.session_of(session, reference, now)
        user = session.get(User, row.user_id) if row else None
    if row is None or user is None or user.disabled_at is not None:
        return
    g.web_session, g.user = row, user
    g.who = people.who_is(user, network=request.remote_addr)
    g.idle = access.is_idle(row, now)
    if not g.idle and BACKGROUND not in request.headers:
        _keep_awake(desk, row, now)


def needs_password() -> bool:
    """Tell whether this is a change by somebody whose session rested too long.

    What everybody may do, such as signing in, and signing out are no such changes.
    """
    writes = request.method not in ("GET", "HEAD", "OPTIONS")
    return writes and bool(g.get("idle")) and not is_harmless() and not _confirmed()


def confirm(session: Session, password: str) -> None:
    """Check the password of the person who is signed in; raise InvalidInput."""
    if "who" not in g:
        raise Unauthenticated
    passwords.confirm(session, g.who, password)


def _confirmed() -> bool:
    """Tell whether the request brings the right password along; the session is awake then."""
    password = request.form.get(PASSWORD_FIELD, "")
    if not password:
        return False
    desk = services()
    network, now = request.remote_addr or "-", desk.now()
    with desk.reading() as session:
        access.refuse_if_locked(session, g.user.name, network, now)
    try:
        with desk.reading() as session:
            confirm(session, password)
    except InvalidInput:
        with desk.transaction() as session:
            access.count_failure(session, g.user.name, network, now)
        g.password_wrong = True
        return False
    _keep_awake(desk, g.web_session, now)
    return True


def _keep_awake(desk: Services, row: WebSession, now: datetime) -> None:
    if now < row.seen_at + access.SEEN_EVERY:
        return
    try:
        with desk.transaction() as session:
            kept = session.get(WebSession, row.id)
            if kept is not None:
                kept.seen_at = now
    except (OperationalError, TookTooLong) as error:  # a lock must not hold up what only reads
        logger.warning("a session could not be kept awake: %s", type(error).__name__)
