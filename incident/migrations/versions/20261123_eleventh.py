"""Who did a follow-up, and how."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_eleventh"
down_revision = "20261123_tenth"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("follow_ups", schema=None) as batch_op:
        batch_op.add_column(sa.Column("done_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("done_note", sa.String(length=300), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_follow_ups_done_by_users"), "users", ["done_by"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("follow_ups", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_follow_ups_done_by_users"), type_="foreignkey")
        batch_op.drop_column("done_note")
        batch_op.drop_column("done_by")
