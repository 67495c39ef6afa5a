"""Posts, rotations and what differs from them."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_fifth"
down_revision = "20261123_fourth"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "duty_posts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("handover_lead", sa.Integer(), nullable=False),
        sa.Column("two_tiers", sa.Boolean(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_posts")),
        sa.UniqueConstraint("code", name=op.f("uq_duty_posts_code")),
    )
    op.create_index(op.f("ix_duty_posts_role"), "duty_posts", ["role"], unique=False)
    op.create_table(
        "duty_reminders",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("gaps", sa.Integer(), nullable=False),
        sa.Column("doubles", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_duty_reminders")),
    )
    op.create_table(
        "contact_checks",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("checked_at", sa.DateTime(), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("checked_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["checked_by"], ["users.id"], name=op.f("fk_contact_checks_checked_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_contact_checks_user_id_users")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_contact_checks")),
    )
    op.create_table(
        "duty_absences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(), nullable=False),
        sa.Column("ends_at", sa.DateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["made_by"], ["users.id"], name=op.f("fk_duty_absences_made_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_duty_absences_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_absences")),
    )
    op.create_index("ix_duty_absences_span", "duty_absences", ["user_id", "ends_at"], unique=False)
    op.create_table(
        "duty_feeds",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_duty_feeds_user_id_users")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_duty_feeds")),
        sa.UniqueConstraint("digest", name=op.f("uq_duty_feeds_digest")),
    )
    op.create_table(
        "duty_overrides",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("tier", sa.String(length=10), nullable=False),
        sa.Column("starts_at", sa.DateTime(), nullable=False),
        sa.Column("ends_at", sa.DateTime(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["made_by"], ["users.id"], name=op.f("fk_duty_overrides_made_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["duty_posts.id"], name=op.f("fk_duty_overrides_post_id_duty_posts")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_duty_overrides_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_overrides")),
    )
    op.create_index(
        "ix_duty_overrides_span", "duty_overrides", ["post_id", "ends_at"], unique=False
    )
    op.create_table(
        "duty_rotations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("days", sa.String(length=5), nullable=False),
        sa.Column("turn_days", sa.Integer(), nullable=False),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["made_by"], ["users.id"], name=op.f("fk_duty_rotations_made_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["duty_posts.id"], name=op.f("fk_duty_rotations_post_id_duty_posts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_rotations")),
    )
    op.create_index(op.f("ix_duty_rotations_post_id"), "duty_rotations", ["post_id"], unique=False)
    op.create_table(
        "duty_swaps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("asker_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(), nullable=False),
        sa.Column("ends_at", sa.DateTime(), nullable=False),
        sa.Column("back_starts_at", sa.DateTime(), nullable=True),
        sa.Column("back_ends_at", sa.DateTime(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["asker_id"], ["users.id"], name=op.f("fk_duty_swaps_asker_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["users.id"], name=op.f("fk_duty_swaps_decided_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["users.id"], name=op.f("fk_duty_swaps_other_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["duty_posts.id"], name=op.f("fk_duty_swaps_post_id_duty_posts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_swaps")),
    )
    op.create_index(op.f("ix_duty_swaps_asker_id"), "duty_swaps", ["asker_id"], unique=False)
    op.create_index("ix_duty_swaps_open", "duty_swaps", ["state", "starts_at"], unique=False)
    op.create_index(op.f("ix_duty_swaps_other_id"), "duty_swaps", ["other_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_duty_swaps_other_id"), table_name="duty_swaps")
    op.drop_index("ix_duty_swaps_open", table_name="duty_swaps")
    op.drop_index(op.f("ix_duty_swaps_asker_id"), table_name="duty_swaps")
    op.drop_table("duty_swaps")
    op.drop_index(op.f("ix_duty_rotations_post_id"), table_name="duty_rotations")
    op.drop_table("duty_rotations")
    op.drop_index("ix_duty_overrides_span", table_name="duty_overrides")
    op.drop_table("duty_overrides")
    op.drop_table("duty_feeds")
    op.drop_index("ix_duty_absences_span", table_name="duty_absences")
    op.drop_table("duty_absences")
    op.drop_table("contact_checks")
    op.drop_table("duty_reminders")
    op.drop_index(op.f("ix_duty_posts_role"), table_name="duty_posts")
    op.drop_table("duty_posts")
