"""Find injects of a scenario that never come, and times that cannot be."""

from collections.abc import Iterator
from datetime import timedelta

from drills.scenario.conditions import AllOf, AnyOf, Condition, InjectAnswered, leaves
from drills.scenario.schema import Expectation, Inject, Scenario, Segment, minutes, times
from workflows.problems import Mistake, Path

WAYS = "give one of `at`, `when`, `ready: true`, or name it in a branch of another"
NONE = timedelta()


def mistakes(scenario: Scenario) -> Iterator[Mistake]:
    """Return what is wrong with the ways and the times by which things come."""
    segments = {segment.id: segment for segment in scenario.segments}
    named = _named_in_branches(scenario)
    for number, inject in enumerate(scenario.injects):
        at: Path = ("injects", number)
        yield from _ways(inject, at, is_named=inject.id in named)
        yield from _times(inject, segments.get(inject.segment), at)
    for number, wanted in enumerate(scenario.expectations):
        yield from _hurry(scenario, wanted, ("expectations", number))
    if all(inject.segment in segments for inject in scenario.injects):
        yield from _opening(scenario)
    yield from _never(scenario, named)


def _named_in_branches(scenario: Scenario) -> dict[str, list[str]]:
    """Return by the id of each inject those whose branches name it."""
    found: dict[str, list[str]] = {}
    for inject in scenario.injects:
        for name in _next(inject):
            found.setdefault(name, []).append(inject.id)
    return found


def _next(inject: Inject) -> tuple[str, ...]:
    branch = inject.branch
    return (*branch.answered, *branch.expired) if branch else ()


def _ways(inject: Inject, at: Path, *, is_named: bool) -> Iterator[Mistake]:
    given = (inject.at is not None, inject.when is not None, inject.ready, is_named)
    if sum(given) > 1:
        yield Mistake(at, f"{inject.id} comes in more than one way", WAYS)
    if not any(given):
        yield Mistake(at, f"{inject.id} is unreachable: nothing makes it come", WAYS)
    if inject.branch and inject.branch.expired and inject.expires is None:
        right = "say after how long, in `expires:`"
        yield Mistake((*at, "branch", "expired"), f"{inject.id} never expires", right)
    if inject.repeat and inject.at is None:
        right = "give `at:`, or leave `repeat` out"
        yield Mistake((*at, "repeat"), "only what comes by the time repeats", right)
    if inject.repeat and inject.effect == "report":
        right = "repeat messages only"
        yield Mistake((*at, "repeat"), "a report that repeats opens incident after incident", right)


def _times(inject: Inject, segment: Segment | None, at: Path) -> Iterator[Mistake]:
    if segment is not None and (own := times(inject)) and own[-1] > minutes(segment.lasts):
        what = f"{inject.id} comes after its segment {segment.id} is over"
        right = f"{segment.lasts} at the latest, its repetitions too"
        yield Mistake((*at, "at"), what, right)
    for name, length in (("expires", inject.expires), ("repeat", _every(inject))):
        if length is not None and minutes(length) == NONE:
            yield Mistake((*at, name), f"{name} after no time", "1m or longer")


def _every(inject: Inject) -> str | None:
    return inject.repeat.every if inject.repeat else None


def _hurry(scenario: Scenario, wanted: Expectation, at: Path) -> Iterator[Mistake]:
    if minutes(wanted.within) == NONE:
        yield Mistake((*at, "within"), f"{wanted.id} leaves no time", "1m or longer")
    until = scenario.deadline(wanted)
    if until is not None and until > scenario.length:
        over = int(scenario.length.total_seconds()) // 60
        what = f"{wanted.id} is due after the drill is over, at {over}m"
        yield Mistake((*at, "within"), what, "a shorter time, or a longer segment")


def _opening(scenario: Scenario) -> Iterator[Mistake]:
    """Nothing can be told of an incident before a report opened it."""
    known = scenario.timeline
    if not known or known[0].inject.effect != "report":
        right = "let an inject with `via: report` come first by the time"
        yield Mistake(("injects",), "the drill does not begin with a report", right)
    for number, segment in enumerate(scenario.segments):
        own = (one.inject for one in known if one.inject.segment == segment.id)
        if segment.apart and getattr(next(own, None), "effect", None) != "report":
            what = f"{segment.id} cannot run apart: it does not begin with a report"
            yield Mistake(("segments", number, "apart"), what, "add one, or leave `apart` out")


def _never(scenario: Scenario, named: dict[str, list[str]]) -> Iterator[Mistake]:
    """Name what waits for itself, in a circle, and what waits for such."""
    injects = {inject.id: inject for inject in scenario.injects}
    reached = _reached(scenario, named)
    for number, inject in enumerate(scenario.injects):
        if inject.id in reached or (inject.when is None and inject.id not in named):
            continue
        at: Path = ("injects", number)
        if circle := _circle(inject.id, injects, named):
            what = f"a circle: {' waits for '.join(circle)}"
            yield Mistake(at, what, "let one of them come in another way")
        else:
            what = f"{inject.id} is unreachable: what it waits for never comes"
            yield Mistake(at, what, WAYS)


def _reached(scenario: Scenario, named: dict[str, list[str]]) -> set[str]:
    found: set[str] = set()
    while True:
        more = {
            inject.id
            for inject in scenario.injects
            if inject.at is not None
            or inject.ready
            or (inject.when is not None and _can_hold(inject.when, found))
            or any(name in found for name in named.get(inject.id, ()))
        }
        if more <= found:
            return found
        found |= more


def _can_hold(condition: Condition, reached: set[str]) -> bool:
    match condition:
        case AllOf(parts=parts):
            return all(_can_hold(part, reached) for part in parts)
        case AnyOf(parts=parts):
            return any(_can_hold(part, reached) for part in parts)
        case InjectAnswered(inject=name):
            return name in reached
    return True


def _circle(name: str, injects: dict[str, Inject], named: dict[str, list[str]]) -> list[str]:
    """Return a way from an inject back to itself, by what each waits for; empty if none."""
    ways = [[name]]
    seen = {name}
    while ways:
        way = ways.pop(0)
        for other in _waits_for(way[-1], injects, named):
            if other == name:
                return [*way, name]
            if other in injects and other not in seen:
                seen.add(other)
                ways.append([*way, other])
    return []


def _waits_for(name: str, injects: dict[str, Inject], named: dict[str, list[str]]) -> list[str]:
    when = injects[name].when
    asked = leaves(when) if when is not None else iter(())
    answers = [leaf.inject for leaf in asked if isinstance(leaf, InjectAnswered)]
    return [*named.get(name, ()), *answers]
