"""Answer a second try of the same submission as the first was answered."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from incident.errors import KeyReused
from incident.models import Submission


def body_digest(body: Mapping[str, Any] | bytes) -> str:
    """Return the digest that tells one body from another; field order does not count."""
    if isinstance(body, bytes):
        return hashlib.sha256(body).hexdigest()
    told = json.dumps(body, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()


def recall(session: Session, key: str, digest: str) -> Submission | None:
    """Return what was answered under a key, None if it is new; raise KeyReused."""
    known = session.get(Submission, key)
    if known is not None and known.body != digest:
        raise KeyReused
    return known


def remember(
    session: Session,
    key: str,
    digest: str,
    *,
    status: int,
    answer: Mapping[str, Any],
    now: datetime,
) -> None:
    """Keep the answer under its key; a second one at the same moment fails on the key."""
    session.add(Submission(key=key, body=digest, status=status, answer=dict(answer), at=now))
