"""What the auditor found, the reports of the spool, and tests of communication."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_ninth"
down_revision = "20261123_eighth"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "promises",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("checked_at", sa.DateTime(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_promises")),
    )
    op.create_table(
        "oversight",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("checked_at", sa.DateTime(), nullable=False),
        sa.Column("pinged_at", sa.DateTime(), nullable=True),
        sa.Column("ping_problem", sa.String(length=60), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oversight")),
    )
    op.create_table(
        "halts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("invariant", sa.String(length=30), nullable=False),
        sa.Column("told", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("lifted_at", sa.DateTime(), nullable=True),
        sa.Column("lifted_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_halts_incident_id_incidents")
        ),
        sa.ForeignKeyConstraint(["lifted_by"], ["users.id"], name=op.f("fk_halts_lifted_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_halts")),
    )
    op.create_index(op.f("ix_halts_incident_id"), "halts", ["incident_id"], unique=False)
    op.create_index("ix_halts_open", "halts", ["lifted_at", "incident_id"], unique=False)
    op.create_table(
        "spooled_reports",
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("content", sa.JSON(), nullable=True),
        sa.Column("spooled_at", sa.DateTime(), nullable=False),
        sa.Column("entered_at", sa.DateTime(), nullable=False),
        sa.Column("incident", sa.String(length=24), nullable=True),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.Column("problem", sa.JSON(), nullable=False),
        sa.Column("settled_at", sa.DateTime(), nullable=True),
        sa.Column("settled_by", sa.Integer(), nullable=True),
        sa.Column("settled_how", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_spooled_reports_report_id_reports")
        ),
        sa.ForeignKeyConstraint(
            ["settled_by"], ["users.id"], name=op.f("fk_spooled_reports_settled_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_spooled_reports_user_id_users")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_spooled_reports")),
    )
    op.create_index(
        op.f("ix_spooled_reports_user_id"), "spooled_reports", ["user_id"], unique=False
    )
    op.create_table(
        "communication_tests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("started_by", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("ends_at", sa.DateTime(), nullable=False),
        sa.Column("drill", sa.Boolean(), nullable=False),
        sa.Column("chosen", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["started_by"], ["users.id"], name=op.f("fk_communication_tests_started_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_communication_tests")),
    )
    op.create_index(
        op.f("ix_communication_tests_started_at"),
        "communication_tests",
        ["started_at"],
        unique=False,
    )
    op.create_table(
        "communication_test_people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("test_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("why", sa.String(length=40), nullable=False),
        sa.Column("addresses", sa.JSON(), nullable=False),
        sa.Column("code", sa.String(length=2), nullable=False),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("answered_by", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(
            ["test_id"],
            ["communication_tests.id"],
            name=op.f("fk_communication_test_people_test_id_communication_tests"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_communication_test_people_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_communication_test_people")),
        sa.UniqueConstraint(
            "test_id", "user_id", name=op.f("uq_communication_test_people_test_id_user_id")
        ),
    )
    op.create_index(
        op.f("ix_communication_test_people_test_id"),
        "communication_test_people",
        ["test_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_communication_test_people_user_id"),
        "communication_test_people",
        ["user_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(
        op.f("ix_communication_test_people_user_id"), table_name="communication_test_people"
    )
    op.drop_index(
        op.f("ix_communication_test_people_test_id"), table_name="communication_test_people"
    )
    op.drop_table("communication_test_people")
    op.drop_index(op.f("ix_communication_tests_started_at"), table_name="communication_tests")
    op.drop_table("communication_tests")
    op.drop_index(op.f("ix_spooled_reports_user_id"), table_name="spooled_reports")
    op.drop_table("spooled_reports")
    op.drop_index("ix_halts_open", table_name="halts")
    op.drop_index(op.f("ix_halts_incident_id"), table_name="halts")
    op.drop_table("halts")
    op.drop_table("oversight")
    op.drop_table("promises")
