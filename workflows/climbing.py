"""Find what is wrong in the escalations of a plan: an alert must climb, and end at the desk."""

from collections.abc import Iterator, Mapping

from workflows.plan import ChannelName, Escalation, Plan, Tier
from workflows.problems import Mistake, Path

OF_THE_DESK = (ChannelName.PAGE, ChannelName.SHEET)
OF_PEOPLE = tuple(name for name in ChannelName if name is not ChannelName.SHEET)


def mistakes(plan: Plan, places: Mapping[str, Path]) -> Iterator[Mistake]:
    """Return the mistakes of a plan's escalations; a plan without any climbs by the default."""
    for item in plan.escalations:
        yield from _ladder(item, (*places[item.id], "steps"))
    if plan.escalations:
        yield from _forgotten(plan, places)


def _ladder(item: Escalation, at: Path) -> Iterator[Mistake]:
    for position, step in enumerate(item.steps):
        earlier = item.steps[position - 1] if position else step
        if step.after < earlier.after:
            yield Mistake((*at, position), "the steps are out of order", "the earlier step first")
        allowed = OF_THE_DESK if step.to is Tier.DESK else OF_PEOPLE
        for name in step.channels:
            if name not in allowed:
                right = f"one of {', '.join(allowed)}"
                yield Mistake((*at, position), f"`{name}` does not reach {step.to}", right)
        if set(step.channels) == {ChannelName.ROBOT}:
            yield Mistake((*at, position), "a group's robot calls nobody", "add sms, voice or mail")
    if item.steps[0].to is not Tier.MAIN or item.steps[0].after:
        yield Mistake((*at, 0), "nobody is called at once", "begin with a step immediate, to main")
    if item.steps[-1].to is not Tier.DESK:
        yield Mistake(at, f"{item.id} ends in silence", "end with a step to desk")


def _forgotten(plan: Plan, places: Mapping[str, Path]) -> Iterator[Mistake]:
    """Find call-outs that none of the plan's own escalations covers whatever the grade."""
    kept = {item.event for item in plan.escalations if _is_wide(item)}
    for callout in plan.callouts:
        if callout.event not in kept:
            right = f"add an escalation of {callout.event} without kinds, grades or settings"
            yield Mistake(places[callout.id], f"{callout.event} has no escalation", right)


def _is_wide(item: Escalation) -> bool:
    scope = item.scope
    return scope.kinds is None and scope.grades is None and scope.settings is None
