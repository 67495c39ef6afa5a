"""Files of evaluators and of the ledger, the after-action report, and whence a weakness is known.

Files of a drill's evaluators belong to no incident, lest its players see them.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261123_fifteenth"
down_revision = "20261123_fourteenth"
branch_labels = None
depends_on = None

HOLDERS = ("drill_marks", "improvements")


def upgrade() -> None:
    op.create_table(
        "drill_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by"], ["users.id"], name=op.f("fk_drill_files_added_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drill_files")),
    )
    _report()
    for name in HOLDERS:
        with op.batch_alter_table(name) as table:
            table.drop_constraint(
                op.f(f"fk_{name}_attachment_id_attachments"), type_="foreignkey"
            )
            table.drop_column("attachment_id")
            table.add_column(sa.Column("file_id", sa.Integer(), nullable=True))
            table.create_foreign_key(
                op.f(f"fk_{name}_file_id_drill_files"), "drill_files", ["file_id"], ["id"]
            )
    with op.batch_alter_table("improvements") as ledger:
        ledger.add_column(sa.Column("source", sa.String(length=80), nullable=True))
        ledger.add_column(sa.Column("evidenced_at", sa.DateTime(), nullable=True))
        ledger.create_unique_constraint(
            op.f("uq_improvements_drill_source"), ["drill", "source"]
        )


def downgrade() -> None:
    with op.batch_alter_table("improvements") as ledger:
        ledger.drop_constraint(op.f("uq_improvements_drill_source"), type_="unique")
        ledger.drop_column("evidenced_at")
        ledger.drop_column("source")
    for name in HOLDERS:
        with op.batch_alter_table(name) as table:
            table.drop_constraint(op.f(f"fk_{name}_file_id_drill_files"), type_="foreignkey")
            table.drop_column("file_id")
            table.add_column(sa.Column("attachment_id", sa.Integer(), nullable=True))
            table.create_foreign_key(
                op.f(f"fk_{name}_attachment_id_attachments"),
                "attachments",
                ["attachment_id"],
                ["id"],
            )
    op.drop_table("drill_after_actions")
    op.drop_table("drill_files")


def _report() -> None:
    op.create_table(
        "drill_after_actions",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("well", sa.Text(), nullable=True),
        sa.Column("weak", sa.Text(), nullable=True),
        sa.Column("advice", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("written_by", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("issued_at", sa.DateTime(), nullable=True),
        sa.Column("issued_by", sa.Integer(), nullable=True),
        sa.Column("document", sa.JSON(), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [column],
                [f"{target}.id"],
                name=op.f(f"fk_drill_after_actions_{column}_{target}"),
            )
            for column, target in (
                ("run_id", "drill_runs"),
                ("written_by", "users"),
                ("issued_by", "users"),
            )
        ),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_drill_after_actions")),
        sa.UniqueConstraint("number", name=op.f("uq_drill_after_actions_number")),
    )
