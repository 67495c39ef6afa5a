"""Run migrations on a connection that the caller gives."""

import sqlalchemy as sa
from alembic import context

from incident.db import Base, Instant


def _render_item(kind: str, value: object, _context: object) -> str | bool:
    """Write a moment as a plain DateTime, so that no migration imports our code."""
    return "sa.DateTime()" if kind == "type" and isinstance(value, Instant) else False


def _compare_type(
    _context: object, _column: object, _metadata: object, found: object, wanted: object
) -> bool | None:
    """Hold a moment and a DateTime for the same type."""
    return False if isinstance(wanted, Instant) and isinstance(found, sa.DateTime) else None


def run(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=_render_item,
        compare_type=_compare_type,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
