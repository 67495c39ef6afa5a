"""Accounts as the people who keep them see them: telephones masked, nothing of incidents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from incident.models import Role, Token, User, WebSession
from incident.queries.bad_contacts import bad_contacts
from incident.queries.delivery import masked

STATES = ("active", "invited", "expired", "unset", "disabled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account; `state` is one of STATES, `seen_at` None for one that was never signed in.

    `problem` is what is wrong with the telephone: a key of the words "contact_problems".
    """

    id: int
    name: str
    display: str
    organisation: str | None
    specialty: str | None
    roles: tuple[str, ...]
    phone: str | None
    mail: str | None
    problem: str | None
    state: str
    code_until: datetime | None
    created_at: datetime
    seen_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """One browser that is signed in."""

    id: int
    since: datetime
    seen_at: datetime
    network: str | None
    browser: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """One token; `state` is good, expired or revoked."""

    id: int
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    state: str


def accounts(
    session: Session, now: datetime, *, q: str = "", role: str = "", state: str = ""
) -> list[Account]:
    """Return the accounts by name; `q` is part of a name, an organisation or a specialty."""
    query = select(User).where(*_wanted(q, role)).order_by(User.name)
    seen, bad = _last_seen(session), bad_contacts(session)
    found = [
        _account(user, seen.get(user.id), now, bad.get(user.id)) for user in session.scalars(query)
    ]
    return [one for one in found if state in ("", one.state)]


def account(session: Session, name: str, now: datetime) -> Account | None:
    """Return one account by its name, None when there is none."""
    user = session.scalar(select(User).where(User.name == name))
    if user is None:
        return None
    seen = _last_seen(session, user.id)
    return _account(user, seen.get(user.id), now, bad_contacts(session).get(user.id))


def signed_in(session: Session, user_id: int, *, after: datetime) -> list[SignedIn]:
    """Return the open sessions that began after a moment, the latest used first."""
    rows = session.scalars(
        select(WebSession)
        .where(
            WebSession.user_id == user_id,
            WebSession.ended_at.is_(None),
            WebSession.created_at > after,
        )
        .order_by(WebSession.seen_at.desc(), WebSession.id.desc())
    )
    return [
        SignedIn(
            id=row.id,
            since=row.created_at,
            seen_at=row.seen_at,
            network=row.network,
            browser=row.browser,
        )
        for row in rows
    ]


def tokens(session: Session, user_id: int, now: datetime) -> list[Issued]:
    """Return the tokens of an account, the newest first."""
    rows = session.scalars(select(Token).where(Token.user_id == user_id).order_by(Token.id.desc()))
    return [
        Issued(
            id=row.id,
            scopes=tuple(row.scopes),
            created_at=row.created_at,
            expires_at=row.expires_at,
            state="revoked" if row.revoked_at else "expired" if now >= row.expires_at else "good",
        )
        for row in rows
    ]


def _wanted(q: str, role: str) -> Sequence[ColumnElement[bool]]:
    tests: list[ColumnElement[bool]] = []
    if q:
        columns = (User.name, User.display, User.organisation, User.specialty)
        tests.append(or_(*(column.icontains(q, autoescape=True) for column in columns)))
    if role:
        tests.append(User.id.in_(select(Role.user_id).where(Role.role == role)))
    return tests


def _last_seen(session: Session, user_id: int | None = None) -> dict[int, datetime]:
    query = select(WebSession.user_id, func.max(WebSession.seen_at)).group_by(WebSession.user_id)
    if user_id is not None:
        query = query.where(WebSession.user_id == user_id)
    return {row[0]: row[1] for row in session.execute(query)}


def _account(user: User, seen_at: datetime | None, now: datetime, problem: str | None) -> Account:
    return Account(
        id=user.id,
        name=user.name,
        display=user.display,
        organisation=user.organisation,
        specialty=user.specialty,
        roles=tuple(row.role for row in user.role_rows),
        phone=masked(user.phone) if user.phone else None,
        mail=user.mail,
        problem=problem,
        state=_state(user, now),
        code_until=user.activation_until if user.activation else None,
        created_at=user.created_at,
        seen_at=seen_at,
    )


def _state(user: User, now: datetime) -> str:
    if user.disabled_at is not None:
        return "disabled"
    if user.password is not None:
        return "active"
    if user.activation is None or user.activation_until is None:
        return "unset"
    return "invited" if now < user.activation_until else "expired"
