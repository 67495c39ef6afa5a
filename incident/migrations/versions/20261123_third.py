"""Drills that were started."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_third"
down_revision = "20261123_second"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "drill_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("scenario", sa.String(length=80), nullable=False),
        sa.Column("speed", sa.Float(), nullable=False),
        sa.Column("incident", sa.String(length=24), nullable=True),
        sa.Column("played", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("paused_at", sa.DateTime(), nullable=True),
        sa.Column("paused_seconds", sa.Float(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drill_runs")),
        sa.UniqueConstraint("key", name=op.f("uq_drill_runs_key")),
    )


def downgrade() -> None:
    op.drop_table("drill_runs")
