"""Providers and their health."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_eighth"
down_revision = "20261123_seventh"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "providers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("paused_at", sa.DateTime(), nullable=True),
        sa.Column("recent", sa.String(length=20), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(), nullable=True),
        sa.Column("problem", sa.String(length=20), nullable=True),
        sa.Column("error", sa.String(length=120), nullable=True),
        sa.Column("ok_at", sa.DateTime(), nullable=True),
        sa.Column("failed_at", sa.DateTime(), nullable=True),
        sa.Column("balance", sa.Integer(), nullable=True),
        sa.Column("balance_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_providers")),
        sa.UniqueConstraint("channel", "name", name=op.f("uq_providers_channel_name")),
    )


def downgrade() -> None:
    op.drop_table("providers")
