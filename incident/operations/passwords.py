"""Passwords: argon2id, at most two hashes at a time, and the rules for a new one."""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.orm import Session

from incident.errors import FieldError, InvalidInput
from incident.models import User
from incident.who import Who

LENGTHS = (12, 1000)
CLASSES_NEEDED = 3
HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)  # OWASP's floor
AT_ONCE = threading.BoundedSemaphore(2)  # so that guessing cannot eat cores and memory
NOBODY = HASHER.hash("a password that nobody has")
COMMON = ("password", "123456", "qwerty", "admin", "tocsin", "111111", "abc123")


def make(password: str, *, account: str) -> str:
    """Return the hash of a new password; raise InvalidInput for a weak one."""
    code = weakness(password, account=account)
    if code:
        raise InvalidInput([FieldError("password", code)])
    with AT_ONCE:
        return HASHER.hash(password)


def weakness(password: str, *, account: str) -> str | None:
    """Return what is wrong with a password: short, plain or guessable; None is good.

    At least 12 characters of three classes (等级保护 practice), not built on a common word
    or the account's name.
    """
    if not LENGTHS[0] <= len(password) <= LENGTHS[1]:
        return "password-short"
    lowered = password.lower()
    if account.lower() in lowered or any(word in lowered for word in COMMON):
        return "password-guessable"
    kinds = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
    if sum(any(kind(c) for c in password) for kind in kinds) < CLASSES_NEEDED:
        return "password-plain"
    return None


def matches(user: User | None, password: str) -> bool:
    """Tell whether a password is the user's; nobody's takes as long to refuse."""
    stored = user.password if user and user.password else NOBODY
    try:
        with AT_ONCE:
            HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
    return user is not None and user.password is not None


def confirm(session: Session, who: Who, password: str) -> None:
    """Make sure that it is still the same person; raise InvalidInput."""
    user = session.get(User, who.id) if who.id else None
    if not matches(user, password):
        raise InvalidInput([FieldError("password", "password-wrong")])
