"""Drills' incidents can be taken off the duty desk: a real one needs it."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_sixteenth"
down_revision = "20261123_fifteenth"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("incidents") as incidents:
        incidents.add_column(sa.Column("shelved_at", sa.DateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("incidents") as incidents:
        incidents.drop_column("shelved_at")
