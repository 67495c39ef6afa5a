"""Drills in full: stretches of time, each inject, participants, marks, ledger, scenarios, programme.

A drill that ran under the old tables is ended: it had no row for each inject to go on with.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "20261123_fourteenth"
down_revision = "20261123_thirteenth"
branch_labels = None
depends_on = None

GONE = ("played", "paused_at", "paused_seconds")
TABLES = (
    "exercises",
    "scenarios",
    "improvements",
    "drill_surveys",
    "drill_washes",
    "drill_marks",
    "drill_participants",
    "drill_injects",
    "drill_stretches",
)


def upgrade() -> None:
    with op.batch_alter_table("drill_runs") as runs:
        for column in _new():
            runs.add_column(column)
    op.execute("UPDATE drill_runs SET title = scenario, prepared_at = started_at")
    op.execute("UPDATE drill_runs SET ended_at = started_at WHERE ended_at IS NULL")
    with op.batch_alter_table("drill_runs") as runs:
        for name in GONE:
            runs.drop_column(name)
        runs.alter_column("started_at", existing_type=sa.DateTime(), nullable=True)
        runs.alter_column("prepared_at", existing_type=sa.DateTime(), nullable=False)
        for name in ("title", "content", "segments", "origin_seconds", "colleagues"):
            runs.alter_column(name, server_default=None)
        for name in ("director_id", "frozen_by"):
            runs.create_foreign_key(
                op.f(f"fk_drill_runs_{name}_users"), "users", [name], ["id"]
            )
        runs.create_index(op.f("ix_drill_runs_scenario"), ["scenario"])
        runs.create_index(op.f("ix_drill_runs_ended_at"), ["ended_at"])
    _time_and_injects()
    _people()
    _judgements()
    _ledger()
    _plans()


def downgrade() -> None:
    for name in TABLES:
        op.drop_table(name)
    op.execute("UPDATE drill_runs SET started_at = prepared_at WHERE started_at IS NULL")
    with op.batch_alter_table("drill_runs") as runs:
        runs.drop_index(op.f("ix_drill_runs_ended_at"))
        runs.drop_index(op.f("ix_drill_runs_scenario"))
        for name in ("director_id", "frozen_by"):
            runs.drop_constraint(op.f(f"fk_drill_runs_{name}_users"), type_="foreignkey")
        for column in _new():
            runs.drop_column(column.name)
        runs.alter_column("started_at", existing_type=sa.DateTime(), nullable=False)
        runs.add_column(sa.Column("played", sa.Integer(), nullable=False, server_default="0"))
        runs.add_column(sa.Column("paused_at", sa.DateTime(), nullable=True))
        runs.add_column(
            sa.Column("paused_seconds", sa.Float(), nullable=False, server_default="0")
        )


def _new() -> list[sa.Column[Any]]:
    """Return the columns that runs gain."""
    return [
        sa.Column("title", sa.String(length=200), nullable=False, server_default=""),
        sa.Column("content", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("segments", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("origin_seconds", sa.Float(), nullable=False, server_default="0"),
        sa.Column("colleagues", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("director_id", sa.Integer(), nullable=True),
        sa.Column("prepared_at", sa.DateTime(), nullable=True),
        sa.Column("frozen_at", sa.DateTime(), nullable=True),
        sa.Column("frozen_by", sa.Integer(), nullable=True),
    ]


def _user(name: str, *, needed: bool) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=not needed)


def _keys(table: str, *columns: str) -> list[sa.ForeignKeyConstraint]:
    """Return the keys to users, runs, attachments and incidents of a table."""
    targets = {"run_id": "drill_runs", "attachment_id": "attachments", "incident_id": "incidents"}
    return [
        sa.ForeignKeyConstraint(
            [column],
            [f"{targets.get(column, 'users')}.id"],
            name=op.f(f"fk_{table}_{column}_{targets.get(column, 'users')}"),
        )
        for column in columns
    ]


def _time_and_injects() -> None:
    op.create_table(
        "drill_stretches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("drill", sa.String(length=40), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("speed", sa.Float(), nullable=False),
        sa.Column("from_seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drill_stretches")),
    )
    op.create_index("ix_drill_stretches_drill", "drill_stretches", ["drill", "started_at"])
    op.create_index(op.f("ix_drill_stretches_ended_at"), "drill_stretches", ["ended_at"])
    op.create_table(
        "drill_injects",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("inject", sa.String(length=60), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("is_inserted", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("is_held", sa.Boolean(), nullable=False),
        sa.Column("due_seconds", sa.Float(), nullable=True),
        sa.Column("fired_at", sa.DateTime(), nullable=True),
        sa.Column("fired_seconds", sa.Float(), nullable=True),
        _user("fired_by", needed=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("problem", sa.String(length=60), nullable=True),
        sa.Column("incident", sa.String(length=24), nullable=True),
        sa.Column("expires_seconds", sa.Float(), nullable=True),
        sa.Column("expired_at", sa.DateTime(), nullable=True),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        _user("answered_by", needed=False),
        sa.Column("answer", sa.Text(), nullable=True),
        *_keys("drill_injects", "run_id", "fired_by", "answered_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drill_injects")),
        sa.UniqueConstraint(
            "run_id", "inject", "turn", name=op.f("uq_drill_injects_run_id_inject_turn")
        ),
    )
    op.create_index("ix_drill_injects_due", "drill_injects", ["run_id", "state", "due_seconds"])


def _people() -> None:
    op.create_table(
        "drill_participants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        _user("user_id", needed=True),
        sa.Column("part", sa.String(length=60), nullable=True),
        sa.Column("plays", sa.String(length=12), nullable=False),
        sa.Column("team", sa.String(length=60), nullable=True),
        sa.Column("surveyed_at", sa.DateTime(), nullable=True),
        *_keys("drill_participants", "run_id", "user_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drill_participants")),
        sa.UniqueConstraint(
            "run_id", "user_id", "part", name=op.f("uq_drill_participants_run_id_user_id_part")
        ),
    )
    for column in ("run_id", "user_id"):
        op.create_index(op.f(f"ix_drill_participants_{column}"), "drill_participants", [column])


def _judgements() -> None:
    op.create_table(
        "drill_marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("objective", sa.String(length=60), nullable=False),
        sa.Column("criterion", sa.Integer(), nullable=False),
        _user("evaluator_id", needed=True),
        sa.Column("mark", sa.String(length=8), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("attachment_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        *_keys("drill_marks", "run_id", "evaluator_id", "attachment_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drill_marks")),
        sa.UniqueConstraint(
            "run_id",
            "objective",
            "criterion",
            "evaluator_id",
            name=op.f("uq_drill_marks_run_id_objective_criterion_evaluator_id"),
        ),
    )
    op.create_table(
        "drill_washes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        _user("by", needed=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        *_keys("drill_washes", "run_id", "by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drill_washes")),
    )
    op.create_table(
        "drill_surveys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        _user("user_id", needed=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("given_on", sa.String(length=10), nullable=False),
        *_keys("drill_surveys", "run_id", "user_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drill_surveys")),
    )
    for table in ("drill_marks", "drill_washes", "drill_surveys"):
        op.create_index(op.f(f"ix_{table}_run_id"), table, ["run_id"])


def _ledger() -> None:
    op.create_table(
        "improvements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("drill", sa.String(length=40), nullable=True),
        sa.Column("scenario", sa.String(length=80), nullable=True),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        sa.Column("weakness", sa.String(length=300), nullable=False),
        sa.Column("remedy", sa.String(length=300), nullable=False),
        _user("owner_id", needed=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        _user("entered_by", needed=True),
        sa.Column("entered_at", sa.DateTime(), nullable=False),
        sa.Column("edition", sa.String(length=60), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("attachment_id", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        _user("closed_by", needed=False),
        *_keys(
            "improvements", "incident_id", "owner_id", "entered_by", "attachment_id", "closed_by"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_improvements")),
        sa.UniqueConstraint("number", name=op.f("uq_improvements_number")),
    )
    for column in ("drill", "scenario", "owner_id", "closed_at"):
        op.create_index(op.f(f"ix_improvements_{column}"), "improvements", [column])


def _plans() -> None:
    op.create_table(
        "scenarios",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("incident", sa.String(length=24), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        _user("written_by", needed=True),
        sa.Column("written_at", sa.DateTime(), nullable=False),
        sa.Column("ready_at", sa.DateTime(), nullable=True),
        _user("ready_by", needed=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        *_keys("scenarios", "written_by", "ready_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenarios")),
        sa.UniqueConstraint("name", name=op.f("uq_scenarios_name")),
    )
    op.create_table(
        "exercises",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("office", sa.String(length=120), nullable=False),
        sa.Column("duty", sa.String(length=60), nullable=True),
        sa.Column("scenario", sa.String(length=80), nullable=True),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("drill", sa.String(length=40), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        _user("entered_by", needed=True),
        sa.Column("entered_at", sa.DateTime(), nullable=False),
        sa.Column("dropped_at", sa.DateTime(), nullable=True),
        *_keys("exercises", "entered_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exercises")),
    )
    for column in ("duty", "planned_on"):
        op.create_index(op.f(f"ix_exercises_{column}"), "exercises", [column])
