"""Turn the measures that a plan demands at a grade into tasks."""

from sqlalchemy.orm import Session

from incident.models import Incident, Task
from incident.operations import pace, tasks
from incident.operations.context import Context
from incident.operations.drill_time import DrillTime
from workflows.clocks import deadline
from workflows.plan import Grade, Measure
from workflows.response import demands


def assign(session: Session, incident: Incident, level: Grade, context: Context) -> None:
    """Make a task of each measure that has none yet."""
    plan = context.rules.library.plan(incident.plan)
    wanted = demands(plan, level, setting=incident.setting, kind=incident.kind)
    there = {task.measure for task in tasks.of(session, incident.id)}
    groups = {group.id: group.title for group in wanted.groups}
    time = pace.time_of(session, incident.drill)
    session.add_all(
        _task(incident, measure, groups, context, time)
        for measure in wanted.measures
        if measure.id not in there
    )


def _task(
    incident: Incident,
    measure: Measure,
    groups: dict[str, str],
    context: Context,
    time: DrillTime,
) -> Task:
    due_at = deadline(measure.within, context.now, context.rules.calendar)
    return Task(
        incident_id=incident.id,
        measure=measure.id,
        title=measure.text,
        group=groups.get(measure.group, measure.group),
        basis=measure.basis,
        confidence=str(measure.confidence),
        status=tasks.OPEN,
        due_at=due_at and time.project(context.now, due_at),
        created_at=context.now,
        changed_at=context.now,
    )
