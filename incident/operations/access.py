"""Sign in and out: sessions, tokens, and a lockout that cannot be turned on the duty officer."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.orm import Session

from incident.errors import TooMany, Unauthenticated
from incident.models import Role, SignInFailure, Token, User, WebSession
from incident.operations import passwords, people, timeline
from incident.who import Who
from workflows.lifecycle import Role as RoleName

IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=12)
FAILURES, WINDOW = 5, timedelta(minutes=15)
SEEN_EVERY = timedelta(seconds=30)
TOKEN_DAYS = 90
# Plain columns: asked with every request of the API, all in one question, a row for each role.
_BEARER = (
    select(
        Token.id,
        Token.scopes,
        Token.expires_at,
        User.id.label("user_id"),
        User.display,
        Role.role,
    )
    .join(User, User.id == Token.user_id)
    .outerjoin(Role, Role.user_id == User.id)
    .where(
        Token.digest == bindparam("digest"), Token.revoked_at.is_(None), User.disabled_at.is_(None)
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """Whose token a request brings, and what the token is for; empty scopes mean everything."""

    who: Who
    token_id: int
    scopes: frozenset[str]


def sign_in(
    session: Session, name: str, password: str, *, network: str, browser: str, now: datetime
) -> tuple[User, str] | None:
    """Return the user and the reference for the cookie, None for a wrong name or password.

    Failures count per account and network, so that somebody elsewhere cannot lock out the
    officer on duty. Raises TooMany after five in a quarter of an hour. The caller commits
    in every case.
    """
    refuse_if_locked(session, name, network, now)
    user = session.scalar(select(User).where(User.name == name))
    if user is not None and user.disabled_at is not None:
        user = None
    if not passwords.matches(user, password) or user is None:
        count_failure(session, name, network, now)
        return None
    _forget_failures(session, name, network)
    return user, open_session(session, user, network=network, browser=browser, now=now)


def refuse_if_locked(session: Session, name: str, network: str, now: datetime) -> None:
    """Raise TooMany while an account is locked for a network."""
    row = _failures(session, name, network)
    if row and row.until and now < row.until:
        raise TooMany(int((row.until - now).total_seconds()) + 1)


def open_session(session: Session, user: User, *, network: str, browser: str, now: datetime) -> str:
    """Open a session and return its reference: 256 random bits, kept only as a digest."""
    reference = secrets.token_urlsafe(32)
    session.add(
        WebSession(
            digest=people.digest(reference),
            user_id=user.id,
            created_at=now,
            seen_at=now,
            confirmed_at=now,
            network=network,
            browser=browser[:200],
        )
    )
    timeline.write(
        session,
        None,
        "signed_in",
        who=Who(id=user.id, display=user.display),
        now=now,
        words_for={"name": user.name},
        data={"user": user.id, "network": network},
    )
    return reference


def session_of(session: Session, reference: str, now: datetime) -> WebSession | None:
    """Return the session of a cookie while it is good: not ended, not too old."""
    row = session.scalar(select(WebSession).where(WebSession.digest == people.digest(reference)))
    if row is None or row.ended_at is not None or now >= row.created_at + LONGEST:
        return None
    return row


def is_idle(row: WebSession, now: datetime) -> bool:
    """Tell whether a session rested so long that a change needs the password again."""
    return now >= row.seen_at + IDLE


def end_session(session: Session, row: WebSession, *, who: Who, now: datetime) -> None:
    """Sign out."""
    row.ended_at = now
    timeline.write(
        session,
        None,
        "signed_out",
        who=who,
        now=now,
        words_for={"name": who.display},
        data={"session": row.id},
    )


def issue_token(
    session: Session,
    user: User,
    *,
    scopes: Sequence[str],
    days: int,
    who: Who,
    now: datetime,
) -> str:
    """Return a new token for the API; it is shown once and kept as a digest."""
    token = f"tcs_{secrets.token_urlsafe(32)}"
    session.add(
        Token(
            digest=people.digest(token),
            user_id=user.id,
            scopes=list(scopes),
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
    )
    timeline.write(
        session,
        None,
        "token_issued",
        who=who,
        now=now,
        words_for={"name": user.name, "days": days},
        data={"user": user.id, "scopes": list(scopes)},
    )
    return token


def bearer(
    connection: Connection, token: str, now: datetime, *, network: str | None = None
) -> Bearer:
    """Return whose token it is; raise Unauthenticated for one unknown, expired or revoked."""
    found = connection.execute(_BEARER, {"digest": people.digest(token)}).all()
    if not found:
        raise Unauthenticated("token-unknown")
    row = found[0]
    if now >= row.expires_at:
        raise Unauthenticated("token-expired")
    roles = frozenset(RoleName(each.role) for each in found if each.role)
    return Bearer(
        who=Who(id=row.user_id, display=row.display, roles=roles, network=network),
        token_id=row.id,
        scopes=frozenset(row.scopes),
    )


def revoke_token(session: Session, token_id: int, *, who: Who, now: datetime) -> None:
    """Make a token worthless."""
    session.execute(update(Token).where(Token.id == token_id).values(revoked_at=now))
    timeline.write(
        session,
        None,
        "token_revoked",
        who=who,
        now=now,
        words_for={"number": token_id},
        data={"token": token_id},
    )


def _failures(session: Session, name: str, network: str) -> SignInFailure | None:
    return session.scalar(
        select(SignInFailure).where(
            SignInFailure.account == _account(name), SignInFailure.network == network
        )
    )


def count_failure(session: Session, name: str, network: str, now: datetime) -> None:
    """Count a failure of an account from a network; the fifth locks the two for a while."""
    row = _failures(session, name, network)
    if row is None:
        row = SignInFailure(account=_account(name), network=network, count=0, first_at=now)
        session.add(row)
    if now - row.first_at > WINDOW:
        row.count, row.first_at, row.until = 0, now, None
    row.count += 1
    if row.count >= FAILURES:
        row.until = now + WINDOW
    timeline.write(
        session,
        None,
        "sign_in_failed",
        who=Who(id=None, display="-", network=network),
        now=now,
        data={"account": _account(name), "network": network, "count": row.count},
    )


def _forget_failures(session: Session, name: str, network: str) -> None:
    session.execute(
        delete(SignInFailure).where(
            SignInFailure.account == _account(name), SignInFailure.network == network
        )
    )


def _account(name: str) -> str:
    """Return the key of an account, known or not: a digest, for people type passwords there."""
    return people.digest(name.lower())
