"""Accounts: add, activate, change roles, disable."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

import phonenumbers
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from incident import words
from incident.errors import Conflict, FieldError, InvalidInput, NotFound
from incident.inputs.people import Contact, NewUser
from incident.models import Role as RoleRow
from incident.models import Token, User, WebSession
from incident.operations import passwords, timeline
from incident.who import Who
from workflows.lifecycle import EXCLUSIVE_ROLES, Role

ACTIVATION_LASTS = timedelta(hours=24)
_MAIL = re.compile(r"[^@\s<>,;]{1,64}@[^@\s<>,;]+\.[^@\s<>,;.]+")
EXAMPLE_PREFIX = "+86100000"  # no telephone has it; example people only


def digest(secret: str) -> str:
    """Return the SHA-256 under which a secret is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def add(session: Session, new: NewUser, *, who: Who, now: datetime) -> tuple[User, str]:
    """Add an account; return it and the one-time code that sets its password."""
    if session.scalar(select(User.id).where(User.name == new.name)) is not None:
        raise Conflict("name-taken", name=new.name)
    user = User(
        name=new.name,
        display=new.display or new.name,
        organisation=new.organisation,
        specialty=new.specialty,
        phone=phone(new.phone) if new.phone else None,
        mail=mail(new.mail) if new.mail else None,
        language="zh",
        created_at=now,
    )
    user.role_rows = [RoleRow(role=role) for role in checked_roles(new.roles)]
    session.add(user)
    session.flush()
    timeline.write(
        session,
        None,
        "user_added",
        who=who,
        now=now,
        words_for={"name": new.name, "roles": _named(new.roles)},
        data={"user": user.id, "roles": sorted(new.roles)},
    )
    return user, invite(session, user, who=who, now=now)


def invite(session: Session, user: User, *, who: Who, now: datetime) -> str:
    """Return a fresh one-time code for an account; the old one, if any, is void."""
    code = secrets.token_urlsafe(18)
    user.activation, user.activation_until = digest(code), now + ACTIVATION_LASTS
    timeline.write(
        session,
        None,
        "user_invited",
        who=who,
        now=now,
        words_for={"name": user.name},
        data={"user": user.id},
    )
    return code


def activate(session: Session, name: str, code: str, password: str, *, now: datetime) -> User:
    """Set the password by a one-time code; the code is spent, other sessions end."""
    user = session.scalar(select(User).where(User.name == name))
    good = (
        user is not None
        and user.disabled_at is None
        and user.activation is not None
        and secrets.compare_digest(user.activation, digest(code))
        and user.activation_until is not None
        and now < user.activation_until
    )
    if user is None or not good:
        raise InvalidInput([FieldError("code", "code-wrong")])
    user.password = passwords.make(password, account=name)
    user.activation = user.activation_until = None
    end_sessions(session, user.id, now=now)
    timeline.write(
        session,
        None,
        "user_activated",
        who=Who(id=user.id, display=user.display),
        now=now,
        words_for={"name": user.name},
        data={"user": user.id},
    )
    return user


def set_roles(
    session: Session, user: User, roles: Iterable[str], *, who: Who, now: datetime
) -> None:
    """Give an account other roles; its sessions end, so that the change holds at once."""
    if who.id == user.id:
        raise Conflict("own-roles")
    wanted = checked_roles(roles)
    before = sorted(row.role for row in user.role_rows)
    user.role_rows = [row for row in user.role_rows if row.role in wanted] + [
        RoleRow(role=role) for role in wanted if role not in before
    ]
    end_sessions(session, user.id, now=now)
    timeline.write(
        session,
        None,
        "roles_changed",
        who=who,
        now=now,
        words_for={
            "name": user.name,
            "before": _named(before),
            "after": _named(wanted),
        },
        data={"user": user.id, "before": before, "after": sorted(wanted)},
    )


def set_contact(session: Session, user: User, contact: Contact, *, who: Who, now: datetime) -> None:
    """Change how somebody is reached; raise InvalidInput for what is no number or address."""
    user.phone = phone(contact.phone) if contact.phone else user.phone
    user.mail = mail(contact.mail) if contact.mail else None
    timeline.write(
        session,
        None,
        "contact_changed",
        who=who,
        now=now,
        words_for={"name": user.name},
        data={"user": user.id},
    )


def disable(session: Session, user: User, *, who: Who, now: datetime) -> None:
    """Close an account: sessions and tokens end with it."""
    if who.id == user.id:
        raise Conflict("own-account")
    user.disabled_at = now
    end_sessions(session, user.id, now=now)
    session.execute(
        update(Token)
        .where(Token.user_id == user.id, Token.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    timeline.write(
        session,
        None,
        "user_disabled",
        who=who,
        now=now,
        words_for={"name": user.name},
        data={"user": user.id},
    )


def enable(session: Session, user: User, *, who: Who, now: datetime) -> None:
    """Open a closed account again."""
    user.disabled_at = None
    timeline.write(
        session,
        None,
        "user_enabled",
        who=who,
        now=now,
        words_for={"name": user.name},
        data={"user": user.id},
    )


def end_sessions(session: Session, user_id: int, *, now: datetime) -> None:
    """End every session of an account."""
    session.execute(
        update(WebSession)
        .where(WebSession.user_id == user_id, WebSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def find(session: Session, name: str) -> User:
    """Return an account by its name; raise NotFound."""
    user = session.scalar(select(User).where(User.name == name))
    if user is None:
        raise NotFound("no-such-user", name=name)
    return user


def who_is(user: User, *, network: str | None = None) -> Who:
    """Return the person of an account as the operations know one."""
    roles = frozenset(Role(row.role) for row in user.role_rows)
    return Who(id=user.id, display=user.display, roles=roles, network=network)


def checked_roles(roles: Iterable[str]) -> list[str]:
    """Return the roles in order; raise InvalidInput for unknown or excluding ones."""
    wanted = sorted(set(roles))
    unknown = [role for role in wanted if role not in set(Role)]
    if unknown:
        raise InvalidInput([FieldError("roles", "unknown-role", {"role": unknown[0]})])
    if EXCLUSIVE_ROLES.intersection(wanted) and len(wanted) > 1:
        raise InvalidInput([FieldError("roles", "roles-exclude")])
    return wanted


def _named(roles: Iterable[str]) -> str:
    """Return the labels of roles, as the timeline tells them."""
    gap = words.label("common", "gap")
    told = gap.join(words.label("roles", role) for role in sorted(roles))
    return told or words.label("common", "nothing")


def phone(text: str) -> str:
    """Return a number as E.164, read as Chinese unless it says otherwise."""
    if text.startswith(EXAMPLE_PREFIX) and text[1:].isdigit():
        return text
    try:
        number = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException as error:
        raise InvalidInput([FieldError("phone", "bad-phone")]) from error
    if not phonenumbers.is_possible_number(number):
        raise InvalidInput([FieldError("phone", "bad-phone")])
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def mail(text: str) -> str:
    """Return an address of mail as it is written in an envelope."""
    if not _MAIL.fullmatch(text) or not text.isascii():
        raise InvalidInput([FieldError("mail", "bad-mail")])
    return text
