"""Activate a response, go on to disposal, end the response."""

from sqlalchemy.orm import Session

from incident import words
from incident.errors import Conflict, FieldError, InvalidInput
from incident.inputs.actions import Activate, Dispose, Terminate
from incident.models import Incident
from incident.operations import alerts, facts, measures, signing, steps
from incident.operations.context import Context
from incident.operations.steps import UNGRADED
from workflows import termination
from workflows.grading import Finding
from workflows.lifecycle import Action, State
from workflows.plan import Grade
from workflows.response import needs_experts


def activate(session: Session, incident: Incident, bring: Activate, context: Context) -> None:
    """启动: needs an approved grade; tasks, clocks and call-outs follow from the level."""
    steps.check(incident, Action.ACTIVATE, context.who)
    _check_activation(incident, bring, context)
    steps.take(
        session,
        incident,
        Action.ACTIVATE,
        context,
        words_for={
            "level": words.label("grades", bring.level),
            "otherwise": _otherwise(incident, bring),
            "matters": bring.matters,
            "measures": bring.measures,
            "until": f"{bring.expected_until.astimezone(context.rules.zone):%Y-%m-%d %H:%M}",
        },
        data={
            "level": bring.level,
            "grade": incident.grade,
            "reason": bring.reason,
            "matters": bring.matters,
            "measures": bring.measures,
            "expected_until": bring.expected_until.isoformat(),
        },
    )
    measures.assign(session, incident, Grade(bring.level), context)
    alerts.start(
        session,
        incident,
        "activated",
        facts=facts.current(session, incident.id),
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
        context,
        words_for={"reason": bring.reason},
    )


def terminate(session: Session, incident: Incident, bring: Terminate, context: Context) -> None:
    """终止: every criterion of the plan met, or a signed override that names what is missing.

    The signature is asked for last, so that whoever only looks at the effects sees them all.
    """
    steps.check(incident, Action.TERMINATE, context.who)
    missing = _missing(incident, bring, context)
    if missing and not bring.override:
        raise InvalidInput(
            [
                FieldError(f"findings.{finding.criterion}", "not-met", {"text": finding.text})
                for finding in missing
            ],
            "termination-not-met",
        )
    named = "；".join(finding.text for finding in missing)
    data = {
        "findings": dict(bring.findings),
        "missing": [finding.criterion for finding in missing],
        "override": bring.override,
    }
    steps.take(
        session,
        incident,
        Action.TERMINATE,
        context,
        words_for={
            "missing": named or words.label("common", "nothing"),
            "override": bring.override or words.label("common", "nothing"),
        },
        data=signing.signed(data, incident, Action.TERMINATE, context) if missing else data,
    )
    if missing:
        signing.confirm(session, context.who, bring.password)


def _check_activation(incident: Incident, bring: Activate, context: Context) -> None:
    """Refuse what has no grade, an end in the past, and another level without a reason."""
    if incident.grade is None:
        raise Conflict("not-graded")
    if incident.grade == UNGRADED:
        raise Conflict("ungraded")
    if bring.level != incident.grade and not bring.reason:
        raise InvalidInput([FieldError("reason", "needed-against-grade")])
    if bring.expected_until <= context.now:
        raise InvalidInput([FieldError("expected_until", "in-past")])


def _otherwise(incident: Incident, bring: Activate) -> str:
    """Return the words for a level that is not the approved grade, none where it is."""
    if bring.level == incident.grade:
        return ""
    told = {"grade": words.label("grades", incident.grade), "reason": bring.reason}
    return words.phrase("common", "other_level", told)


def _missing(incident: Incident, bring: Terminate, context: Context) -> list[Finding]:
    """Return the criteria that stand in the way; refuse answers to what the plan does not ask."""
    findings = termination.assess(context.rules.library.plan(incident.plan), bring.findings)
    unknown = sorted(set(bring.findings) - {finding.criterion for finding in findings})
    if unknown:
        raise InvalidInput([FieldError(f"findings.{name}", "unknown-field") for name in unknown])
    return [] if termination.all_met(findings) else list(termination.lacking(findings))
