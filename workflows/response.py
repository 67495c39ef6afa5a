"""What a grade demands: measures, working groups, people to call out."""

from dataclasses import dataclass

from workflows.lifecycle import Role
from workflows.plan import Callout, CalloutEvent, Grade, Group, Measure, Plan, Scope

EXPERTS = "experts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """The measures, groups and call-outs of a plan that apply."""

    measures: tuple[Measure, ...]
    groups: tuple[Group, ...]
    callouts: tuple[Callout, ...]

    def roles(self, event: CalloutEvent | str) -> tuple[Role, ...]:
        """Return the roles to call out on an event, each once, in the order of the plan."""
        called = (role for item in self.callouts if item.event == event for role in item.roles)
        return tuple(dict.fromkeys(called))


def demands(
    plan: Plan, grade: Grade | None, *, setting: str | None, kind: str | None = None
) -> Demands:
    """Return what applies under a grade, None for an ungraded incident."""

    def applies(scope: Scope) -> bool:
        return scope.covers(kind=kind, grade=grade, setting=setting)

    return Demands(
        measures=tuple(item for item in plan.measures if applies(item.scope)),
        groups=tuple(item for item in plan.groups if applies(item.scope)),
        callouts=tuple(item for item in plan.callouts if applies(item.scope)),
    )


def needs_experts(plan: Plan, grade: Grade) -> Group | None:
    """Return the expert group that the plan asks for at a grade, None where it does without."""
    groups = demands(plan, grade, setting=None).groups
    return next((group for group in groups if group.id == EXPERTS), None)
