"""Instructions of leaders, followed to their end; and who answered for the desk's siren."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_seventh"
down_revision = "20261123_sixth"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "instructions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("preset", sa.String(length=12), nullable=True),
        sa.Column("drill", sa.String(length=40), nullable=True),
        sa.Column("giver_id", sa.Integer(), nullable=False),
        sa.Column("giver", sa.String(length=60), nullable=False),
        sa.Column("given_at", sa.DateTime(), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("reminded_at", sa.DateTime(), nullable=True),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("closing_note", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_instructions_incident_id_incidents")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["tasks.id"], name=op.f("fk_instructions_task_id_tasks")
        ),
        sa.ForeignKeyConstraint(
            ["giver_id"], ["users.id"], name=op.f("fk_instructions_giver_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["users.id"], name=op.f("fk_instructions_closed_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instructions")),
        sa.UniqueConstraint("number", name=op.f("uq_instructions_number")),
        sa.UniqueConstraint("task_id", name=op.f("uq_instructions_task_id")),
    )
    op.create_index(op.f("ix_instructions_incident_id"), "instructions", ["incident_id"])
    op.create_index(op.f("ix_instructions_giver_id"), "instructions", ["giver_id"])
    op.create_index(op.f("ix_instructions_closed_at"), "instructions", ["closed_at"])

    op.create_table(
        "siren_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_siren_answers_incident_id_incidents")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_siren_answers_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_siren_answers")),
        sa.UniqueConstraint("cause", name=op.f("uq_siren_answers_cause")),
    )
    op.create_index(op.f("ix_siren_answers_incident_id"), "siren_answers", ["incident_id"])


def downgrade() -> None:
    op.drop_table("siren_answers")
    op.drop_table("instructions")
