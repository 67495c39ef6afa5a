"""Find names in a scenario that stand twice or name nothing."""

from collections import Counter
from collections.abc import Collection, Iterator

from drills.scenario.conditions import ClockKept, InjectAnswered, MessageAnswered, TaskDone, leaves
from drills.scenario.evaluation import items
from drills.scenario.schema import SIMULATORS, Expectation, Inject, Scenario
from workflows.library import Library, PlanNotFound
from workflows.plan import Plan
from workflows.problems import Mistake, Path

LISTS = ("segments", "parts", "cast", "objectives", "injects", "expectations")
SINCE = "inject:"
FULL = 100


def mistakes(scenario: Scenario, library: Library) -> Iterator[Mistake]:
    """Return every name that is used twice or not defined."""
    yield from _twice(scenario)
    yield from _people(scenario)
    yield from _objectives(scenario)
    for number, inject in enumerate(scenario.injects):
        yield from _inject(scenario, inject, ("injects", number))
    for number, wanted in enumerate(scenario.expectations):
        yield from _expectation(scenario, wanted, ("expectations", number))
    yield from _plan(scenario, library)


def plan_of(scenario: Scenario, library: Library) -> Plan | None:
    """Return the edition that a scenario names; None where it names none that is there."""
    try:
        return library.plan(scenario.plan) if scenario.plan else None
    except PlanNotFound:
        return None


def _twice(scenario: Scenario) -> Iterator[Mistake]:
    for section in LISTS:
        ids = [each.id for each in getattr(scenario, section)]
        for name, times in Counter(ids).items():
            if times > 1:
                last = len(ids) - 1 - ids[::-1].index(name)
                at = (section, last, "id")
                yield Mistake(at, f"the id {name} stands {times} times", "give each its own")


def _people(scenario: Scenario) -> Iterator[Mistake]:
    parts = {part.id: part for part in scenario.parts}
    simulators = [part.id for part in scenario.parts if part.plays == "simulator"]
    for number, part in enumerate(scenario.parts):
        if (part.plays == "player") != (part.desk is not None):
            right = "a player has `desk:`, the role at the desk; nobody else has"
            yield Mistake(("parts", number), f"{part.id} is a {part.plays}", right)
    for number, person in enumerate(scenario.cast):
        if person.part is not None and person.part not in simulators:
            at = ("cast", number, "part")
            yield Mistake(at, f"nobody simulates `{person.part}`", _one_of(simulators))
    if not any(part.plays == "player" for part in parts.values()):
        yield Mistake(("parts",), "there is no player", "add a part that plays `player`")


def _objectives(scenario: Scenario) -> Iterator[Mistake]:
    if (total := sum(one.weight for one in scenario.objectives)) != FULL:
        right = f"make them {FULL} together"
        yield Mistake(("objectives",), f"the weights are {total} together", right)
    for number, one in enumerate(scenario.objectives):
        at = ("objectives", number)
        if one.item is not None and one.item not in items():
            yield Mistake((*at, "item"), f"unknown item `{one.item}`", _one_of(items()))
        if one.item is None and not one.criteria:
            right = "name an `item` of the evaluation table, or `criteria`"
            yield Mistake(at, f"nobody can judge {one.id}", right)


def _inject(scenario: Scenario, inject: Inject, at: Path) -> Iterator[Mistake]:
    yield from _segment(scenario, inject.segment, at)
    injects = [each.id for each in scenario.injects]
    for way in ("answered", "expired"):
        for name in getattr(inject.branch, way, ()):
            if name not in injects:
                here = (*at, "branch", way)
                yield Mistake(here, f"unknown inject `{name}`", _one_of(injects))
    if inject.to == SIMULATORS and not any(one.plays == "simulator" for one in scenario.parts):
        right = "add a part that plays `simulator`"
        yield Mistake((*at, "to"), "there is no simulator", right)
    if inject.when is not None:
        yield from _answered(scenario, inject, (*at, "when"))


def _expectation(scenario: Scenario, wanted: Expectation, at: Path) -> Iterator[Mistake]:
    yield from _segment(scenario, wanted.segment, at)
    injects = [each.id for each in scenario.injects]
    objectives = [one.id for one in scenario.objectives]
    parts = [part.id for part in scenario.parts if part.plays == "player"]
    if wanted.objective not in objectives:
        what = f"unknown objective `{wanted.objective}`"
        yield Mistake((*at, "objective"), what, _one_of(objectives))
    for name in wanted.parts:
        if name not in parts:
            what = f"`{name}` is no player's role"
            yield Mistake((*at, "parts"), what, _one_of(parts))
    if wanted.since not in ("start", "segment"):
        name = wanted.since.removeprefix(SINCE)
        if not wanted.since.startswith(SINCE) or name not in injects:
            what = f"unknown moment `{wanted.since}`"
            yield Mistake((*at, "since"), what, "start, segment or inject:<id of an inject>")
    yield from _answered(scenario, wanted, (*at, "when"))


def _segment(scenario: Scenario, name: str, at: Path) -> Iterator[Mistake]:
    known = [segment.id for segment in scenario.segments]
    if name not in known:
        yield Mistake((*at, "segment"), f"unknown segment `{name}`", _one_of(known))


def _answered(scenario: Scenario, item: Inject | Expectation, at: Path) -> Iterator[Mistake]:
    known = [inject.id for inject in scenario.injects]
    for leaf in leaves(item.when) if item.when is not None else ():
        if isinstance(leaf, InjectAnswered) and leaf.inject not in known:
            yield Mistake(at, f"unknown inject `{leaf.inject}`", _one_of(known))


def _plan(scenario: Scenario, library: Library) -> Iterator[Mistake]:
    plan = plan_of(scenario, library)
    if scenario.plan is not None and plan is None:
        right = _one_of(each.id for each in library.plans if scenario.kind in each.kinds)
        yield Mistake(("plan",), f"unknown plan `{scenario.plan}`", right)
    if plan is not None and scenario.kind not in plan.kinds:
        right = _one_of(each.id for each in library.plans if scenario.kind in each.kinds)
        yield Mistake(("plan",), f"{plan.id} is not for {scenario.kind}", right)
    for section in ("injects", "expectations"):
        for number, item in enumerate(getattr(scenario, section)):
            if item.when is not None:
                yield from _of_plan(item, plan, (section, number, "when"))


def _of_plan(item: Inject | Expectation, plan: Plan | None, at: Path) -> Iterator[Mistake]:
    for leaf in leaves(item.when) if item.when is not None else ():
        match leaf:
            case TaskDone() | ClockKept() | MessageAnswered() if plan is None:
                yield Mistake(at, "this asks for what is in a plan", "name the edition in `plan:`")
            case TaskDone(task=name) if plan and name not in (own := _ids(plan.measures)):
                yield Mistake(at, f"{plan.id} has no task `{name}`", _one_of(own))
            case ClockKept(clock=name) if plan and name not in (own := _ids(plan.clocks)):
                yield Mistake(at, f"{plan.id} has no clock `{name}`", _one_of(own))


def _ids(own: Collection[object]) -> list[str]:
    return [str(getattr(each, "id")) for each in own]  # noqa: B009 (measures and clocks alike)


def _one_of(names: Iterator[str] | Collection[str]) -> str:
    return f"one of {', '.join(names)}"
