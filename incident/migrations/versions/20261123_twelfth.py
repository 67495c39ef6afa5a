"""Messages that are told together, and reminders that come due."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_twelfth"
down_revision = "20261123_eleventh"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("folded_into_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_messages_folded_into_id_messages"), "messages", ["folded_into_id"], ["id"]
        )
        batch_op.create_index(
            batch_op.f("ix_messages_folded_into_id"), ["folded_into_id"], unique=False
        )
        batch_op.create_index(
            "ix_messages_address_created_at", ["address", "created_at"], unique=False
        )
    op.create_index(op.f("ix_alert_people_remind_at"), "alert_people", ["remind_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_alert_people_remind_at"), table_name="alert_people")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index("ix_messages_address_created_at")
        batch_op.drop_index(batch_op.f("ix_messages_folded_into_id"))
        batch_op.drop_constraint(
            batch_op.f("fk_messages_folded_into_id_messages"), type_="foreignkey"
        )
        batch_op.drop_column("folded_into_id")
