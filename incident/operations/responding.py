"""Activate a response, go on to disposal, end the response."""

from sqlalchemy.orm import Session

from incident import words
from incident.errors import Conflict, FieldError, InvalidInput
from incident.inputs.actions import Activate, Dispose, Terminate
from incident.models import Incident, Task
from incident.operations import callouts, clocks, facts, steps, tasks
from incident.operations.context import Context
from incident.operations.steps import UNGRADED
from workflows import termination
from workflows.clocks import deadline
from workflows.lifecycle import Action, State
from workflows.plan import Grade, Measure
from workflows.response import demands, needs_experts


def activate(session: Session, incident: Incident, bring: Activate, context: Context) -> None:
    """启动: needs an approved grade; tasks, clocks and call-outs follow from the level."""
    steps.check(incident, Action.ACTIVATE, context.who)
    if incident.grade is None:
        raise Conflict("not-graded")
    if bring.expected_until <= context.now:
        raise InvalidInput([FieldError("expected_until", "in-past")])
    steps.take(
        session,
        incident,
        Action.ACTIVATE,
        who=context.who,
        now=context.now,
        words_for={
            "level": words.label("grades", bring.level),
            "matters": bring.matters,
            "measures": bring.measures,
            "until": f"{bring.expected_until.astimezone(context.rules.zone):%Y-%m-%d %H:%M}",
        },
        data={
            "level": bring.level,
            "matters": bring.matters,
            "measures": bring.measures,
            "expected_until": bring.expected_until.isoformat(),
        },
    )
    _assign_tasks(session, incident, bring.level, context)
    known = facts.current(session, incident.id)
    clocks.start(session, incident, facts=facts.for_rules(known), rules=context.rules)
    callouts.queue(
        session,
        incident,
        "activated",
        facts=known,
        rules=context.rules,
        now=context.now,
        occasion=context.now.isoformat(),
    )


def dispose(session: Session, incident: Incident, bring: Dispose, context: Context) -> None:
    """转处置: without experts, where the plan lets this grade do so."""
    steps.check(incident, Action.DISPOSE, context.who)
    plan = context.rules.library.plan(incident.plan)
    responding = incident.state == State.RESPONDING
    if responding and incident.grade != UNGRADED:
        rule = needs_experts(plan, Grade(str(incident.grade)))
        if rule is not None:
            raise Conflict("experts-needed", basis=rule.basis, grade=incident.grade)
    steps.take(
        session,
        incident,
        Action.DISPOSE,
        who=context.who,
        now=context.now,
        words_for={"reason": bring.reason},
    )


def terminate(session: Session, incident: Incident, bring: Terminate, context: Context) -> None:
    """终止: every criterion of the plan met, or an override that names what is missing."""
    steps.check(incident, Action.TERMINATE, context.who)
    findings = termination.assess(context.rules.library.plan(incident.plan), bring.findings)
    unknown = set(bring.findings) - {finding.criterion for finding in findings}
    if unknown:
        raise InvalidInput([FieldError(f"findings.{name}", "unknown-field") for name in unknown])
    missing = [] if termination.all_met(findings) else list(termination.lacking(findings))
    if missing and not bring.override:
        raise InvalidInput(
            [
                FieldError(f"findings.{finding.criterion}", "not-met", {"text": finding.text})
                for finding in missing
            ],
            "termination-not-met",
        )
    named = "；".join(finding.text for finding in missing)
    steps.take(
        session,
        incident,
        Action.TERMINATE,
        who=context.who,
        now=context.now,
        words_for={
            "missing": named or words.label("common", "nothing"),
            "override": bring.override or words.label("common", "nothing"),
        },
        data={
            "findings": dict(bring.findings),
            "missing": [finding.criterion for finding in missing],
            "override": bring.override,
        },
    )


def _assign_tasks(session: Session, incident: Incident, level: str, context: Context) -> None:
    plan = context.rules.library.plan(incident.plan)
    wanted = demands(plan, Grade(level), setting=incident.setting, kind=incident.kind)
    there = {task.measure for task in tasks.of(session, incident.id)}
    groups = {group.id: group.title for group in wanted.groups}
    for measure in wanted.measures:
        if measure.id not in there:
            session.add(_task(incident, measure, groups, context))


def _task(incident: Incident, measure: Measure, groups: dict[str, str], context: Context) -> Task:
    due_at = deadline(measure.within, context.now, context.rules.calendar)
    return Task(
        incident_id=incident.id,
        measure=measure.id,
        title=measure.text,
        group=groups.get(measure.group, measure.group),
        basis=measure.basis,
        confidence=str(measure.confidence),
        status=tasks.OPEN,
        due_at=due_at,
        created_at=context.now,
        changed_at=context.now,
    )
