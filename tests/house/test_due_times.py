"""Every due time of an incident stands still with its drill, or says why it does not."""

import re

import pytest
from sqlalchemy import JSON, Table

from incident.db import Base, Instant
from incident.operations.pacing import WAITING

PAST = re.compile(
    r"(started|ended|begun|sirened|called|delivered|read|answered|added|created|issued|withdrawn|"
    r"opened|signed|done|proposed|decided|lifted|occurred|aware|received|changed|shelved|starts|"
    r"satisfied|given|reminded|closed|entered|came|filed|written|merged|taken|declared|dropped|"
    r"evidenced)_at|at|as_of"
)
"""Moments at which something happened or was told; they are never rewritten."""

EXEMPT = {
    "communication_tests.ends_at": "a test of the telephones belongs to no incident",
    "messages.due_at": "what is queued leaves, and what is held waits for a telephone, not a plan",
    "messages.lease_until": "a worker's lease is the engine's own",
}
NO_TIMES = {
    "alerts.policy": "lengths of time, as the plan has them",
    "alert_people.addresses": "addresses",
    "briefings.content": "what was written",
    "briefings.facts": "what was known",
    "communication_tests.chosen": "who was chosen",
    "consultations.evidence": "what was frozen",
    "consultations.adopted": "what was concluded",
    "entries.data": "what happened",
    "grade_proposals.verdict": "what was reckoned",
    "grade_proposals.facts": "what was known",
    "incidents.moments": "moments that have come, for clocks to count from",
    "clocks.satisfied_by": "names of steps",
    "observations.value": "a fact",
    "reports.content": "what was reported",
}


def tables() -> list[Table]:
    """Return the tables of what belongs to an incident or a drill."""
    found = [mapper.local_table for mapper in Base.registry.mappers]
    own = [one for one in found if {"incident_id", "drill"} & set(one.c.keys())]
    return sorted((one for one in own if isinstance(one, Table)), key=lambda one: one.name)


def columns(kind: type) -> list[str]:
    return [
        f"{one.name}.{column.name}"
        for one in tables()
        for column in one.c
        if isinstance(column.type, kind)
    ]


def waiting() -> set[str]:
    return {
        f"{one.model.__tablename__}.{name}"
        for one in WAITING
        for name in (*one.columns, *one.lists)
    }


@pytest.mark.parametrize("column", columns(Instant))
def test_every_moment_has_come_or_waits_with_its_drill(column: str) -> None:
    has_come = PAST.fullmatch(column.partition(".")[2]) is not None

    assert [has_come, column in waiting(), column in EXEMPT].count(True) == 1, (
        f"{column} is a due time: list it in incident.operations.pacing, or say here why not"
    )


@pytest.mark.parametrize("column", columns(JSON))
def test_no_due_time_hides_in_a_list(column: str) -> None:
    assert [column in waiting(), column in NO_TIMES].count(True) == 1


def test_nothing_is_listed_that_is_not_there() -> None:
    assert waiting() | set(EXEMPT) <= set(columns(Instant)) | set(columns(JSON))
    assert set(NO_TIMES) <= set(columns(JSON))
