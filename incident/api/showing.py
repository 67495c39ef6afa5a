"""From rows to the answers of answers.py."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from incident import words
from incident.api.answers import (
    ClockAnswer,
    IncidentAnswer,
    IncidentLine,
    OpenAction,
    ProposalAnswer,
    ReportAnswer,
)
from incident.inputs.report import COUNTS
from incident.models import Incident, IncidentClock, Report
from incident.operations import clocks, facts, grading, pace, steps
from incident.operations.actions import DOORS
from incident.operations.drill_time import DrillTime
from incident.operations.inserting import Row as Written
from incident.operations.reporting import Opened
from incident.queries.choices import beside
from incident.queries.incidents import Row
from incident.who import Who


def incident(session: Session, row: Incident, who: Who, now: datetime) -> IncidentAnswer:
    """Return an incident as this person may see and change it now."""
    time = pace.time_of(session, row.drill)
    merged_into = session.get(Incident, row.merged_into) if row.merged_into else None
    return _incident(
        row,
        who,
        now,
        known=facts.current(session, row.id),
        running=(clock(one, now, time) for one in clocks.running_or_done(session, row)),
        proposal=_proposal(session, row),
        merged_into=merged_into.number if merged_into else None,
    )


def opened(made: Opened, who: Who, now: datetime, *, known: facts.Facts) -> IncidentAnswer:
    """Return an incident that was opened just now, on the facts that its report states."""
    running = (_started(row, now) for row in made.clocks)
    return _incident(made.incident, who, now, known=known, running=running)


def _incident(
    row: Incident,
    who: Who,
    now: datetime,
    *,
    known: facts.Facts,
    running: Iterable[ClockAnswer],
    proposal: ProposalAnswer | None = None,
    merged_into: str | None = None,
) -> IncidentAnswer:
    return IncidentAnswer(
        number=row.number,
        title=row.title,
        kind=row.kind,
        state=row.state,
        grade=row.grade,
        version=row.version,
        plan=row.plan,
        division=row.division,
        address=row.address,
        setting=row.setting,
        unit=row.unit,
        drill=row.drill is not None,
        occurred_at=row.occurred_at,
        aware_at=row.aware_at,
        received_at=row.received_at,
        changed_at=row.changed_at,
        next_due_at=row.next_due_at,
        merged_into=merged_into,
        proposal=proposal,
        facts=known,
        counts={name: known[name] for name in COUNTS if name in known},
        actions=open_actions(row, who),
        clocks=tuple(running),
    )


def open_actions(row: Incident, who: Who) -> tuple[OpenAction, ...]:
    """Return what this person may do with an incident now, by the table and beside it."""
    steps_open = [
        _action(step.action, step.role, step.requires) for step in steps.open_to(row, who)
    ]
    also = beside(row, who)
    others = [
        _action(name, door.roles[0], _required(name))
        for name, door in DOORS.items()
        if name in also
    ]
    return (*steps_open, *others)


def line(row: Row) -> IncidentLine:
    """Return an incident as a line of the list."""
    return IncidentLine(
        number=row.number,
        title=row.title,
        kind=row.kind,
        state=row.state,
        grade=row.grade,
        version=row.version,
        plan=row.plan,
        division=row.division,
        setting=row.setting,
        unit=row.unit,
        drill=row.drill is not None,
        occurred_at=row.occurred_at,
        received_at=row.received_at,
        changed_at=row.changed_at,
        next_due_at=row.next_due_at,
        next_clock=row.clock,
        counts=row.counts,
    )


def clock(row: IncidentClock, now: datetime, time: DrillTime) -> ClockAnswer:
    """Return a clock as it stands now, by the time that its incident goes by."""
    return ClockAnswer(
        id=row.id,
        rule=row.rule,
        title=row.title,
        actor=row.actor,
        receiver=row.receiver,
        basis=row.basis,
        confidence=row.confidence,
        grade=row.grade,
        starts_at=row.starts_at,
        due_at=row.due_at,
        state=clocks.state(row, now, time),
        advisory=row.advisory,
        satisfied_by=tuple(row.satisfied_by),
        satisfied_at=row.satisfied_at,
        satisfied_how=row.satisfied_how,
        note=row.note,
    )


def _started(row: Written, now: datetime) -> ClockAnswer:
    """Return a clock that began to run just now, from the row that was written."""
    told = {name: row[name] for name in ClockAnswer.__slots__ if name in row}
    return ClockAnswer(
        **told | {"satisfied_by": tuple(row["satisfied_by"])},
        state=clocks.running_state(row["starts_at"], row["due_at"], now),
        satisfied_at=None,
        satisfied_how=None,
    )


def report(row: Report, number: str) -> ReportAnswer:
    """Return a report as it was filed."""
    return ReportAnswer(
        id=row.id,
        incident=number,
        report_type=row.report_type,
        source=row.source,
        filed_at=row.filed_at,
        content=row.content,
    )


def _action(name: str, role: str, requires: tuple[str, ...]) -> OpenAction:
    return OpenAction(name=name, label=words.label("actions", name), role=role, requires=requires)


def _required(name: str) -> tuple[str, ...]:
    fields = DOORS[name].brings.model_fields
    return tuple(field for field, about in fields.items() if about.is_required())


def _proposal(session: Session, row: Incident) -> ProposalAnswer | None:
    proposal = grading.open_proposal(session, row.id)
    if proposal is None:
        return None
    return ProposalAnswer(
        grade=proposal.grade, reason=proposal.reason, proposed_at=proposal.proposed_at
    )
