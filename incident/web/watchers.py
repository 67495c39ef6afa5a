"""Who watches: the sockets that are open, whose they are, and when they must close."""

import threading
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.models import Token, User, WebSession
from incident.operations import access

PER_PERSON = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """One open socket: of whom, and by which session or token it came."""

    sid: str
    user_id: int
    session_id: int | None = None
    token_id: int | None = None


class Watchers:
    """The open sockets of one process, capped in all and for each person."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._open: dict[str, Watcher] = {}
        self._lock = threading.Lock()

    def admit(self, watcher: Watcher) -> bool:
        """Take a socket in; False when there are too many."""
        with self._lock:
            people = Counter(other.user_id for other in self._open.values())
            full = len(self._open) >= self._capacity or people[watcher.user_id] >= PER_PERSON
            if not full:
                self._open[watcher.sid] = watcher
            return not full

    def forget(self, sid: str) -> None:
        """Take a socket out."""
        with self._lock:
            self._open.pop(sid, None)

    def get(self, sid: str) -> Watcher | None:
        """Return the socket's watcher, None when it is not known."""
        return self._open.get(sid)

    def all(self) -> list[Watcher]:
        """Return who watches now."""
        with self._lock:
            return list(self._open.values())


def no_longer_good(session: Session, watchers: list[Watcher], now: datetime) -> list[Watcher]:
    """Return those whose session ended or token was revoked, or whose account was closed."""
    if not watchers:
        return []
    good_sessions = set(
        session.scalars(
            select(WebSession.id).where(
                WebSession.id.in_({w.session_id for w in watchers if w.session_id}),
                WebSession.ended_at.is_(None),
                WebSession.created_at > now - access.LONGEST,
            )
        )
    )
    good_tokens = set(
        session.scalars(
            select(Token.id).where(
                Token.id.in_({w.token_id for w in watchers if w.token_id}),
                Token.revoked_at.is_(None),
                Token.expires_at > now,
            )
        )
    )
    good_users = set(
        session.scalars(
            select(User.id).where(
                User.id.in_({w.user_id for w in watchers}), User.disabled_at.is_(None)
            )
        )
    )
    return [
        watcher
        for watcher in watchers
        if watcher.user_id not in good_users
        or not (watcher.session_id in good_sessions or watcher.token_id in good_tokens)
    ]
