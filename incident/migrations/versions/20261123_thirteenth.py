"""The codes that a person is asked for, found without reading all that was ever sent to him."""

from alembic import op

revision = "20261123_thirteenth"
down_revision = "20261123_twelfth"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_alert_people_code", "alert_people", ["user_id", "code"], unique=False)
    op.drop_index(op.f("ix_alert_people_user_id"), table_name="alert_people")


def downgrade() -> None:
    op.create_index(op.f("ix_alert_people_user_id"), "alert_people", ["user_id"], unique=False)
    op.drop_index("ix_alert_people_code", table_name="alert_people")
