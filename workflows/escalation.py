"""How an alert climbs while nobody answers: the plan's escalation, or the product's default."""

from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from workflows.forms import LadderForm
from workflows.plan import CalloutEvent, Escalation, EscalationStep, Grade, Plan, Tier

DEFAULT = Path(__file__).parent / "tables" / "escalation.yaml"


def policy(
    plan: Plan, event: CalloutEvent | str, *, grade: Grade | None, setting: str | None, kind: str
) -> Escalation:
    """Return how an alert climbs: the first escalation of the plan that covers it, or the default.

    A grade of None is an incident that is not graded yet.
    """
    for item in plan.escalations:
        if item.event == event and item.scope.covers(kind=kind, grade=grade, setting=setting):
            return item
    return default()


@cache
def default() -> Escalation:
    """Return the product's own escalation, for plans that say nothing."""
    content = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))
    return of_form(LadderForm.model_validate(content), event=None)


def of_form(form: LadderForm, *, event: CalloutEvent | None) -> Escalation:
    """Make an escalation of what a file says."""
    return Escalation(
        id=form.id,
        basis=form.basis,
        confidence=form.confidence,
        event=event,
        scope=form.scope(),
        steps=tuple(
            EscalationStep(after=step.after, to=step.to, channels=step.channels)
            for step in form.steps
        ),
        repeats=form.repeats,
        every=form.every,
        remind=form.remind,
    )


def ladder(found: Escalation, tier: Tier | str) -> tuple[EscalationStep, ...]:
    """Return every step that people of a tier are reached by, the repeats too, in order of time."""
    own = [step for step in found.steps if step.to == tier]
    steps = [
        EscalationStep(after=step.after + time * found.every, to=step.to, channels=step.channels)
        for time in range(found.repeats + 1)
        for step in own
    ]
    return tuple(sorted(steps, key=lambda step: step.after))


def desk_after(found: Escalation) -> timedelta | None:
    """Return when the desk's siren and the call sheet come; None where no step says so."""
    return next((step.after for step in found.steps if step.to == Tier.DESK), None)


def frozen(found: Escalation) -> dict[str, Any]:
    """Return an escalation as plain values, periods in seconds, to be kept with an alert."""
    return {
        "id": found.id,
        "basis": found.basis,
        "confidence": found.confidence,
        "steps": [
            {
                "after": step.after.total_seconds(),
                "to": step.to.value,
                "channels": [str(way) for way in step.channels],
            }
            for step in found.steps
        ],
        "repeats": found.repeats,
        "every": found.every.total_seconds(),
        "remind": found.remind.total_seconds() if found.remind else None,
    }
