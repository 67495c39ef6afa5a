"""Several calls in one look: each person once, and what comes next at each minute."""

from collections.abc import Iterable
from dataclasses import replace

from incident.queries.reaching import Called, Next


def once(people: Iterable[Called]) -> tuple[Called, ...]:
    """Return each person once, however many calls there are for him."""
    found: dict[int, Called] = {}
    for one in people:
        found.setdefault(one.user_id, one)
    return tuple(found.values())


def together(upcoming: Iterable[Next]) -> tuple[Next, ...]:
    """Return what comes next in order of time; alike steps of one minute become one."""
    found: dict[tuple[object, ...], list[Next]] = {}
    for one in sorted(upcoming, key=lambda one: one.at):
        minute = one.at.replace(second=0, microsecond=0)
        alike = (minute, one.kind, one.channels, one.waits, one.tier if one.waits else None)
        found.setdefault(alike, []).append(one)
    return tuple(
        replace(group[0], people=tuple(dict.fromkeys(p for one in group for p in one.people)))
        for group in found.values()
    )
