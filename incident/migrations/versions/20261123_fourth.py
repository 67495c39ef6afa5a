"""Alerts that climb until somebody answers."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_fourth"
down_revision = "20261123_third"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("clock", sa.String(length=200), nullable=True),
        sa.Column("grade", sa.String(length=10), nullable=True),
        sa.Column("policy", sa.JSON(), nullable=False),
        sa.Column("drill", sa.String(length=40), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("siren_at", sa.DateTime(), nullable=True),
        sa.Column("sirened_at", sa.DateTime(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("ended", sa.String(length=12), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_alerts_incident_id_incidents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("reason", name=op.f("uq_alerts_reason")),
    )
    op.create_index(op.f("ix_alerts_incident_id"), "alerts", ["incident_id"], unique=False)
    op.create_index("ix_alerts_open", "alerts", ["ended_at", "siren_at"], unique=False)

    op.create_table(
        "alert_people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("post", sa.String(length=30), nullable=False),
        sa.Column("tier", sa.String(length=10), nullable=False),
        sa.Column("why", sa.String(length=20), nullable=False),
        sa.Column("waits_for", sa.String(length=30), nullable=True),
        sa.Column("addresses", sa.JSON(), nullable=False),
        sa.Column("ladder", sa.JSON(), nullable=False),
        sa.Column("code", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(), nullable=True),
        sa.Column("called_at", sa.DateTime(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(), nullable=True),
        sa.Column("read_at", sa.DateTime(), nullable=True),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("answer", sa.String(length=12), nullable=True),
        sa.Column("answered_by", sa.String(length=10), nullable=True),
        sa.Column("remind_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.id"], name=op.f("fk_alert_people_alert_id_alerts")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_alert_people_incident_id_incidents")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_alert_people_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_people")),
        sa.UniqueConstraint("alert_id", "user_id", name=op.f("uq_alert_people_alert_id_user_id")),
    )
    op.create_index(op.f("ix_alert_people_alert_id"), "alert_people", ["alert_id"], unique=False)
    op.create_index("ix_alert_people_due", "alert_people", ["state", "next_at"], unique=False)
    op.create_index(
        op.f("ix_alert_people_incident_id"), "alert_people", ["incident_id"], unique=False
    )
    op.create_index(op.f("ix_alert_people_user_id"), "alert_people", ["user_id"], unique=False)

    op.create_table(
        "manual_calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert_person_id", sa.Integer(), nullable=False),
        sa.Column("caller_id", sa.Integer(), nullable=False),
        sa.Column("result", sa.String(length=12), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_person_id"],
            ["alert_people.id"],
            name=op.f("fk_manual_calls_alert_person_id_alert_people"),
        ),
        sa.ForeignKeyConstraint(
            ["caller_id"], ["users.id"], name=op.f("fk_manual_calls_caller_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manual_calls")),
    )
    op.create_index(
        op.f("ix_manual_calls_alert_person_id"), "manual_calls", ["alert_person_id"], unique=False
    )

    op.create_table(
        "replies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("provider_id", sa.String(length=60), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("sender", sa.String(length=20), nullable=False),
        sa.Column("message_code", sa.String(length=32), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("drill", sa.Boolean(), nullable=False),
        sa.Column("came_at", sa.DateTime(), nullable=False),
        sa.Column("read_at", sa.DateTime(), nullable=True),
        sa.Column("meaning", sa.String(length=20), nullable=True),
        sa.Column("alert_person_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["alert_person_id"],
            ["alert_people.id"],
            name=op.f("fk_replies_alert_person_id_alert_people"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replies")),
        sa.UniqueConstraint(
            "provider", "provider_id", name=op.f("uq_replies_provider_provider_id")
        ),
    )
    op.create_index(op.f("ix_replies_read_at"), "replies", ["read_at"], unique=False)
    op.create_index(op.f("ix_replies_sender"), "replies", ["sender"], unique=False)

    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("alert_person_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("step", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("provider", sa.String(length=20), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_messages_alert_person_id"), ["alert_person_id"], unique=False
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_messages_alert_person_id_alert_people"),
            "alert_people",
            ["alert_person_id"],
            ["id"],
        )

    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("mail", sa.String(length=120), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_column("mail")

    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_messages_alert_person_id_alert_people"), type_="foreignkey"
        )
        batch_op.drop_index(batch_op.f("ix_messages_alert_person_id"))
        batch_op.drop_column("provider")
        batch_op.drop_column("step")
        batch_op.drop_column("alert_person_id")

    op.drop_table("replies")
    op.drop_table("manual_calls")
    op.drop_table("alert_people")
    op.drop_table("alerts")
