"""What is written once is never changed: entries, reports, observations, opinions."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_second"
down_revision = "20261123_first"
branch_labels = None
depends_on = None

TABLES = ("entries", "reports", "observations", "opinions")
ZEROS = "0" * 64


def upgrade() -> None:
    op.execute(sa.text(f"INSERT INTO chain_head (id, seq, hash) VALUES (1, 0, '{ZEROS}')"))
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in TABLES:
        for event in ("update", "delete", *(["truncate"] if postgresql else [])):
            on = f" ON {table}" if postgresql else ""
            op.execute(sa.text(f"DROP TRIGGER {table}_no_{event}{on}"))
    if postgresql:
        op.execute(sa.text("DROP FUNCTION refuse_change()"))
    op.execute(sa.text("DELETE FROM chain_head"))


def _guard_sqlite() -> None:
    for table in TABLES:
        for event in ("update", "delete"):
            op.execute(
                sa.text(
                    f"CREATE TRIGGER {table}_no_{event} BEFORE {event.upper()} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
            )


def _guard_postgresql() -> None:
    op.execute(
        sa.text(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
        )
    )
    for table in TABLES:
        for event, each in (("update", "ROW"), ("delete", "ROW"), ("truncate", "STATEMENT")):
            op.execute(
                sa.text(
                    f"CREATE TRIGGER {table}_no_{event} BEFORE {event.upper()} ON {table} "
                    f"FOR EACH {each} EXECUTE FUNCTION refuse_change()"
                )
            )
