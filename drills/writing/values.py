"""What somebody typed, as the plain value that it means; what means nothing stays as typed."""

from typing import Any

from drills.scenario.msel import offset
from workflows.facts import FACTS

YES = frozenset({"true", "yes", "1", "on"})


def number(text: str) -> int | float | str:
    """Return a number."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def fact_value(name: str, text: str) -> Any:
    """Return a fact's value as its kind needs it."""
    fact = FACTS.get(name)
    if fact is not None and fact.kind == "count":
        return number(text)
    if fact is not None and fact.kind == "flag":
        return text.casefold() in YES
    return text


def minutes(text: str) -> str:
    """Return T+1:25, 85 or 85m as "85m"."""
    try:
        return offset(text)
    except ValueError:
        return text
