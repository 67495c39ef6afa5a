"""Find expectations of a scenario that can never come true."""

from collections.abc import Iterator

from drills.scenario.conditions import (
    AllOf,
    AnyOf,
    BriefingIssued,
    ClockKept,
    Condition,
    FactIs,
    MessageAnswered,
    TaskDone,
)
from drills.scenario.names import plan_of
from drills.scenario.schema import Inject, Scenario
from incident.inputs.briefings import FIELDS
from incident.inputs.report import COUNTS
from workflows.library import Library
from workflows.plan import Plan, Scope
from workflows.problems import Mistake, Path

PEOPLE_WRITE = frozenset(name for own in FIELDS.values() for name in own)


def mistakes(scenario: Scenario, library: Library) -> Iterator[Mistake]:
    """Return what is waited for in vain, by expectations and by injects."""
    plan = plan_of(scenario, library)
    for section in ("injects", "expectations"):
        for number, item in enumerate(getattr(scenario, section)):
            if item.when is not None:
                yield from _never(scenario, plan, item.when, (section, number, "when"))


def _never(
    scenario: Scenario, plan: Plan | None, condition: Condition, at: Path
) -> Iterator[Mistake]:
    match condition:
        case AllOf(parts=parts):
            yield from _contradiction(parts, at)
            for part in parts:
                yield from _never(scenario, plan, part, at)
        case AnyOf(parts=parts):
            vain = [list(_never(scenario, plan, part, at)) for part in parts]
            if all(vain):
                yield from (one for found in vain for one in found)
        case FactIs():
            yield from _fact(scenario, condition, at)
        case BriefingIssued(kind=kind, contains=contains):
            for name in contains:
                if name in PEOPLE_WRITE and name not in FIELDS[kind]:
                    right = f"one of {', '.join(FIELDS[kind])}, or a fact"
                    yield Mistake(at, f"a briefing {kind} has no part `{name}`", right)
        case MessageAnswered(event=event, role=role) if plan:
            called = [role for own in plan.callouts if own.event == event for role in own.roles]
            if role not in called:
                right = f"one of {', '.join(dict.fromkeys(map(str, called)))}"
                yield Mistake(at, f"{plan.id} calls no {role} when {event}", right)
        case ClockKept() | TaskDone() if plan:
            yield from _out_of_scope(scenario, plan, condition, at)


def _out_of_scope(
    scenario: Scenario, plan: Plan, condition: ClockKept | TaskDone, at: Path
) -> Iterator[Mistake]:
    """Name a clock or task of the plan that is for other kinds or settings."""
    name = condition.clock if isinstance(condition, ClockKept) else condition.task
    settings = {str((inject.report or {}).get("setting")) for inject in scenario.injects}
    scopes = {**{one.id: one.scope for one in plan.clocks}, **_measured(plan)}
    if (scope := scopes.get(name)) is not None:
        if scope.kinds is not None and scenario.kind not in scope.kinds:
            right = f"it is for {', '.join(scope.kinds)}"
            yield Mistake(at, f"{name} is not for {scenario.kind}", right)
        if scope.settings is not None and not settings & set(scope.settings):
            right = f"it is for {', '.join(scope.settings)}"
            yield Mistake(at, f"{name} is for no setting that a report names", right)


def _measured(plan: Plan) -> dict[str, Scope]:
    return {measure.id: measure.scope for measure in plan.measures}


def _contradiction(parts: tuple[Condition, ...], at: Path) -> Iterator[Mistake]:
    values: dict[str, object] = {}
    for part in parts:
        if not isinstance(part, FactIs) or part.at_least is not None:
            continue
        if (other := values.setdefault(part.fact, part.equals)) != part.equals:
            what = f"{part.fact} cannot be {other} and {part.equals} at once"
            yield Mistake(at, what, "keep one of them, or write any")


def _fact(scenario: Scenario, wanted: FactIs, at: Path) -> Iterator[Mistake]:
    """A count that nobody tells cannot be entered right."""
    told = [number for inject in scenario.injects for number in _told(inject, wanted.fact)]
    number = wanted.equals if wanted.at_least is None else wanted.at_least
    if isinstance(number, bool) or not isinstance(number, int):
        return
    reaches = number in told if wanted.at_least is None else any(one >= number for one in told)
    if not reaches and not any(str(number) in (one.text or "") for one in scenario.injects):
        most = f"at most {max(told)} is told" if told else "no inject tells any"
        what = f"{wanted.fact} {number} can never be known: {most}"
        yield Mistake(at, what, "a number that an inject tells")


def _told(inject: Inject, fact: str) -> Iterator[int]:
    counts = (inject.report or {}).get("counts", {}) if fact in COUNTS else {}
    for source in (counts, inject.facts or {}):
        value = source.get(fact) if isinstance(source, dict) else None
        if isinstance(value, int) and not isinstance(value, bool):
            yield value
