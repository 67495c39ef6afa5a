"""Find what is wrong in a plan that is well formed: names, reachability, clocks."""

from collections import Counter
from collections.abc import Iterator

from workflows import climbing
from workflows.clocks import BASES, TASK_BASE
from workflows.criteria import AtLeast, AtMost, OneOf, Question, Test, Way
from workflows.lifecycle import Action
from workflows.plan import Criterion, Grade, Plan
from workflows.problems import Mistake, Path

ITEMS = (
    "criteria",
    "notes",
    "clocks",
    "groups",
    "measures",
    "callouts",
    "escalations",
    "termination",
)
MARK = "mark"
BRIEFINGS = ("initial", "progress", "final", "special")
Places = dict[str, Path]


def mistakes(plan: Plan, places: Places, stem: str) -> Iterator[Mistake]:
    """Return the mistakes of one plan; `places` tells where each item stands in the file."""
    yield from _naming(plan, stem)
    yield from _twice(plan, places)
    yield from _references(plan, places)
    yield from _grades(plan, places)
    yield from _silent(plan)
    yield from climbing.mistakes(plan, places)


def _naming(plan: Plan, stem: str) -> Iterator[Mistake]:
    name, _, edition = plan.id.partition("@")
    if plan.id != stem:
        yield Mistake(("id",), f"the file is named {stem}", f"name it {plan.id}.yaml")
    if edition != plan.edition or not name.endswith(f"-{plan.jurisdiction}"):
        right = f"<kind>-{plan.jurisdiction}@{plan.edition}"
        yield Mistake(("id",), f"`{plan.id}` contradicts jurisdiction or edition", right)
    if plan.in_force_from and plan.in_force_to and plan.in_force_to < plan.in_force_from:
        yield Mistake(("in_force_to",), "ends before it starts", "a day after in_force_from")


def _twice(plan: Plan, places: Places) -> Iterator[Mistake]:
    counted = Counter(item.id for section in ITEMS for item in getattr(plan, section))
    for name, times in counted.items():
        if times > 1:
            yield Mistake(places[name], f"the id {name} stands {times} times", "give each its own")


def _references(plan: Plan, places: Places) -> Iterator[Mistake]:
    tasks = {item.id for item in plan.measures}
    groups = {item.id for item in plan.groups}
    for clock in plan.clocks:
        for name in clock.starts:
            if name not in BASES and name.removeprefix(TASK_BASE) not in tasks:
                right = f"one of {', '.join(BASES)}, or {TASK_BASE}<id of a measure>"
                yield Mistake((*places[clock.id], "starts"), f"unknown moment `{name}`", right)
        for name in clock.satisfied_by:
            if not _satisfies(name, tasks):
                right = "action:<step>, briefing:<kind>, task:<id of a measure> or mark"
                yield Mistake((*places[clock.id], "satisfied_by"), f"unknown `{name}`", right)
    for measure in plan.measures:
        if measure.group not in groups:
            right = f"one of {', '.join(sorted(groups))}"
            yield Mistake((*places[measure.id], "group"), f"unknown group `{measure.group}`", right)


def _satisfies(name: str, tasks: set[str]) -> bool:
    match name.partition(":"):
        case ("action", ":", step):
            return step in set(Action)
        case ("briefing", ":", kind):
            return kind in BRIEFINGS
        case ("task", ":", task):
            return task in tasks
    return name == MARK


def _grades(plan: Plan, places: Places) -> Iterator[Mistake]:
    for item in plan.criteria:
        for way in item.when.ways:
            if _is_contradiction(way):
                right = "at_least must not pass at_most; values must have one in common"
                yield Mistake((*places[item.id], "when"), f"{item.id} can never hold", right)
        for other in plan.criteria:
            yield from _collision(item, other, places)


def _collision(item: Criterion, other: Criterion, places: Places) -> Iterator[Mistake]:
    """Compare a criterion with one that is graver, or as grave and before it."""
    if item is other or other.grade.severity < item.grade.severity:
        return
    at = (*places[item.id], "when")
    if other.confidence.acts and _is_covered(item, other):
        if other.grade is not item.grade or places[other.id] < places[item.id]:
            what = f"{item.id} is unreachable: where it holds, {other.id} ({other.grade}) holds too"
            yield Mistake(at, what, "narrow one of the two or drop it")
    elif other.grade is not item.grade and (shared := _shared(item, other)):
        what = f"{item.id} ({item.grade}) and {other.id} ({other.grade}) overlap: {shared}"
        yield Mistake(at, what, "end the milder range one below the graver one")


def _is_covered(item: Criterion, other: Criterion) -> bool:
    return all(any(_implies(way, wider) for wider in other.when.ways) for way in item.when.ways)


def _implies(way: Way, wider: Way) -> bool:
    return all(any(_test_implies(test, needed) for test in way) for needed in wider)


def _test_implies(test: Test, needed: Test) -> bool:
    match test, needed:
        case AtLeast(name, number), AtLeast(same, lower) if name == same:
            return number >= lower
        case AtMost(name, number), AtMost(same, higher) if name == same:
            return number <= higher
        case OneOf(name, values), OneOf(same, wider) if name == same:
            return values <= wider
        case Question(text), Question(same):
            return text == same
    return False


def _shared(item: Criterion, other: Criterion) -> str | None:
    """Return what a bounded range of one shares with the open range of a graver one."""
    starts = {
        way[0].fact: way[0].number
        for way in other.when.ways
        if len(way) == 1 and isinstance(way[0], AtLeast)
    }
    for test in (test for way in item.when.ways for test in way):
        if isinstance(test, AtMost) and test.number >= starts.get(test.fact, test.number + 1):
            return f"{test.fact} {starts[test.fact]} to {test.number}"
    return None


def _is_contradiction(way: Way) -> bool:
    for test in way:
        for against in way:
            match test, against:
                case AtLeast(name, least), AtMost(same, most) if name == same and least > most:
                    return True
                case OneOf(name, values), OneOf(same, others) if name == same:
                    if not values & others:
                        return True
    return False


def _silent(plan: Plan) -> Iterator[Mistake]:
    used = dict.fromkeys(item.grade for item in plan.criteria)
    for grade in used:
        if not any(_rings(plan, grade)):
            right = f"add a clock that covers {grade}"
            yield Mistake(("clocks",), f"grade {grade} has no clock", right)


def _rings(plan: Plan, grade: Grade) -> Iterator[bool]:
    return (clock.scope.grades is None or grade in clock.scope.grades for clock in plan.clocks)
