"""Orders to print a briefing, which the engine carries out."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.errors import NotFound
from incident.models import Briefing, Rendering
from incident.operations.context import Context


def order(
    session: Session, briefing: Briefing, document: dict[str, Any], context: Context
) -> Rendering:
    row = Rendering(
        briefing_id=briefing.id,
        document=document,
        requested_at=context.now,
        due_at=context.now,
        attempts=0,
    )
    session.add(row)
    session.flush()
    return row


def rendering(session: Session, briefing: Briefing) -> Rendering | None:
    """Return the newest order to print it."""
    query = select(Rendering).where(Rendering.briefing_id == briefing.id)
    return session.scalar(query.order_by(Rendering.id.desc()).limit(1))


def has_failed(row: Rendering) -> bool:
    """Tell whether the press gave a document up."""
    return row.done_at is not None and row.digest is None


def print_again(session: Session, briefing: Briefing, context: Context) -> Rendering:
    """Have a document printed once more that the press gave up; one that is not is left alone."""
    row = rendering(session, briefing)
    if row is None:
        raise NotFound
    if has_failed(row):
        row.done_at, row.error, row.attempts, row.due_at = None, None, 0, context.now
    return row
