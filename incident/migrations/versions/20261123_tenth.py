"""Drafts of briefings that were withdrawn."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_tenth"
down_revision = "20261123_ninth"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("briefings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("withdrawn_at", sa.DateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("briefings", schema=None) as batch_op:
        batch_op.drop_column("withdrawn_at")
