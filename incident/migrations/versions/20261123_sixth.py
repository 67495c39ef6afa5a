"""Handover of the watch, and the duty log."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_sixth"
down_revision = "20261123_fifth"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "relief_checks",
        sa.Column("post", sa.String(length=30), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("checked_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("post", "due_at", name=op.f("pk_relief_checks")),
    )
    op.create_table(
        "duty_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("category", sa.String(length=10), nullable=False),
        sa.Column("caller", sa.String(length=60), nullable=True),
        sa.Column("organisation", sa.String(length=120), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("done", sa.Text(), nullable=True),
        sa.Column("reported_to", sa.String(length=60), nullable=True),
        sa.Column("reported_at", sa.DateTime(), nullable=True),
        sa.Column("instruction", sa.Text(), nullable=True),
        sa.Column("feedback", sa.Text(), nullable=True),
        sa.Column("callback_due_at", sa.DateTime(), nullable=True),
        sa.Column("follows_id", sa.Integer(), nullable=True),
        sa.Column("relation", sa.String(length=10), nullable=True),
        sa.Column("report_key", sa.String(length=64), nullable=True),
        sa.Column("entered_by", sa.Integer(), nullable=False),
        sa.Column("entered_name", sa.String(length=60), nullable=False),
        sa.Column("entered_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["users.id"], name=op.f("fk_duty_log_entered_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["follows_id"], ["duty_log.id"], name=op.f("fk_duty_log_follows_id_duty_log")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_log")),
    )
    op.create_index(op.f("ix_duty_log_at"), "duty_log", ["at"], unique=False)
    op.create_index(op.f("ix_duty_log_follows_id"), "duty_log", ["follows_id"], unique=False)
    op.create_index("ix_duty_log_open", "duty_log", ["callback_due_at"], unique=False)
    op.create_table(
        "duty_log_days",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("weather", sa.String(length=60), nullable=True),
        sa.Column("events", sa.String(length=200), nullable=True),
        sa.Column("entered_by", sa.Integer(), nullable=False),
        sa.Column("entered_name", sa.String(length=60), nullable=False),
        sa.Column("entered_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["users.id"], name=op.f("fk_duty_log_days_entered_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_log_days")),
    )
    op.create_index(op.f("ix_duty_log_days_day"), "duty_log_days", ["day"], unique=False)
    op.create_table(
        "handovers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post", sa.String(length=30), nullable=False),
        sa.Column("post_name", sa.String(length=40), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("from_name", sa.String(length=60), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=True),
        sa.Column("to_name", sa.String(length=60), nullable=True),
        sa.Column("rostered_from", sa.Integer(), nullable=True),
        sa.Column("rostered_to", sa.Integer(), nullable=True),
        sa.Column("packet", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("checklist", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.Column("signed_at", sa.DateTime(), nullable=True),
        sa.Column("signature", sa.String(length=64), nullable=True),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("countersignature", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("paged_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["from_id"], ["users.id"], name=op.f("fk_handovers_from_id_users")),
        sa.ForeignKeyConstraint(
            ["rostered_from"], ["users.id"], name=op.f("fk_handovers_rostered_from_users")
        ),
        sa.ForeignKeyConstraint(
            ["rostered_to"], ["users.id"], name=op.f("fk_handovers_rostered_to_users")
        ),
        sa.ForeignKeyConstraint(["to_id"], ["users.id"], name=op.f("fk_handovers_to_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
        sa.UniqueConstraint("post", "due_at", "round", name=op.f("uq_handovers_post_due_at_round")),
    )
    op.create_index(op.f("ix_handovers_due_at"), "handovers", ["due_at"], unique=False)
    op.create_index(op.f("ix_handovers_state"), "handovers", ["state"], unique=False)
    op.create_table(
        "handover_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("handover_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["users.id"], name=op.f("fk_handover_items_decided_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handovers.id"], name=op.f("fk_handover_items_handover_id_handovers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_items")),
        sa.UniqueConstraint("handover_id", "key", name=op.f("uq_handover_items_handover_id_key")),
    )
    op.create_index(op.f("ix_handover_items_state"), "handover_items", ["state"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_handover_items_state"), table_name="handover_items")
    op.drop_table("handover_items")
    op.drop_index(op.f("ix_handovers_state"), table_name="handovers")
    op.drop_index(op.f("ix_handovers_due_at"), table_name="handovers")
    op.drop_table("handovers")
    op.drop_index(op.f("ix_duty_log_days_day"), table_name="duty_log_days")
    op.drop_table("duty_log_days")
    op.drop_index("ix_duty_log_open", table_name="duty_log")
    op.drop_index(op.f("ix_duty_log_follows_id"), table_name="duty_log")
    op.drop_index(op.f("ix_duty_log_at"), table_name="duty_log")
    op.drop_table("duty_log")
    op.drop_table("relief_checks")
