"""The last self-test of the siren, found without walking through all entries."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_seventeenth"
down_revision = "20261123_sixteenth"
branch_labels = None
depends_on = None

IS_SELF_TEST = sa.text("type = 'self_tested'")


def upgrade() -> None:
    op.create_index(
        "ix_entries_self_tested",
        "entries",
        ["seq"],
        sqlite_where=IS_SELF_TEST,
        postgresql_where=IS_SELF_TEST,
    )


def downgrade() -> None:
    op.drop_index("ix_entries_self_tested", table_name="entries")
