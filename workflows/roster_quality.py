"""How good a roster is: is every hour manned, and are nights and days off shared evenly."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from workflows.calendar import Calendar
from workflows.rotation import Stretch, Watch

COVERAGE, NIGHTS, FREE_DAYS = 60, 20, 20
BEST_WITH_GAP = 59  # a roster with a gap is not a good one, however fair
SLACK = 1  # one more than an even share is how turns happen to fall in a month


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What one person does at one post; each shift counts for who is there in its middle."""

    post: str
    person: int
    shifts: int
    nights: int
    free_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overload:
    """Somebody who has clearly more than an even share. `what` is nights or free_days."""

    post: str
    person: int
    what: str
    has: int
    share: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """A score from 0 to 100, what it is made of (each from 0 to 1), and who has too much."""

    score: int
    coverage: float
    nights: float
    free_days: float
    overloaded: tuple[Overload, ...]


def loads(
    stretches: Iterable[Stretch], members: Mapping[str, Collection[int]], calendar: Calendar
) -> tuple[Load, ...]:
    """Return the load of every member of a post, those without a shift included."""
    counts = {(post, person): [0, 0, 0] for post, people in members.items() for person in people}
    for one in stretches:
        if one.main is None or not one.is_middle:
            continue
        count = counts.setdefault((one.post, one.main), [0, 0, 0])
        count[0] += 1
        count[1] += one.shift.is_night(calendar.zone)
        count[2] += not calendar.is_working_day(one.shift.day)
    return tuple(
        Load(post=post, person=person, shifts=shifts, nights=nights, free_days=free)
        for (post, person), (shifts, nights, free) in sorted(counts.items())
    )


def members(watch: Watch, first: date, last: date) -> frozenset[int]:
    """Return who takes turns at a post in these days and can be on duty."""
    holding = (
        one
        for one in watch.rotations
        if one.starts_on <= last and (one.ends_on is None or one.ends_on >= first)
    )
    return frozenset(turn.main for one in holding for turn in one.order) & watch.fit


def quality(stretches: Sequence[Stretch], found: Iterable[Load]) -> Quality | None:
    """Return how good a roster is, None where there is nothing to judge."""
    if not stretches:
        return None
    coverage = _coverage(stretches)
    by_post: dict[str, list[Load]] = {}
    for load in found:
        by_post.setdefault(load.post, []).append(load)
    nights, free = _evenness(by_post, "nights"), _evenness(by_post, "free_days")
    score = int(COVERAGE * coverage + NIGHTS * nights + FREE_DAYS * free)
    return Quality(
        score=score if coverage == 1 else min(score, BEST_WITH_GAP),
        coverage=coverage,
        nights=nights,
        free_days=free,
        overloaded=tuple(
            over
            for post in by_post.values()
            for what in ("nights", "free_days")
            for over in _overloaded(post, what)
        ),
    )


def _coverage(stretches: Sequence[Stretch]) -> float:
    whole = sum((one.ends_at - one.starts_at for one in stretches), timedelta())
    held = sum(
        (one.ends_at - one.starts_at for one in stretches if one.main is not None), timedelta()
    )
    return 1.0 if held == whole else held / whole


def _evenness(by_post: Mapping[str, Sequence[Load]], what: str) -> float:
    """Return which part of the shifts could stay with who has them if all had an even share."""
    counts = [[_count(load, what) for load in found] for found in by_post.values()]
    total = sum(map(sum, counts))
    moved = sum(max(0, has - _share(found)) for found in counts for has in found)
    return 1 - moved / total if total else 1.0


def _overloaded(found: Sequence[Load], what: str) -> Iterator[Overload]:
    share = _share([_count(load, what) for load in found])
    for load in found:
        has = _count(load, what)
        if has > share + SLACK:
            yield Overload(post=load.post, person=load.person, what=what, has=has, share=share)


def _count(load: Load, what: str) -> int:
    return load.nights if what == "nights" else load.free_days


def _share(counts: Sequence[int]) -> int:
    """Return an even share, rounded up: what cannot be divided is nobody's fault."""
    return ceil(sum(counts) / len(counts))
