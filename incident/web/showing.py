"""Values of incidents in the words of the page's language."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from incident.inputs.facts import MOMENTS
from incident.operations.steps import UNGRADED
from incident.web.looks import duration, label, local, moment, phrase
from workflows.facts import FACTS
from workflows.grading import Step, Verdict

NEAREST = 3


def fact_value(name: str, value: Any) -> str | None:
    """Return a fact's value in words; None when it is unknown."""
    if value is None:
        return None
    if isinstance(value, bool):
        return label("common", "yes" if value else "no")
    if name == "setting":
        return label("settings", value)
    if name == "count_basis":
        return label("count_bases", value)
    if name in MOMENTS:
        return moment(datetime.fromisoformat(str(value)))
    return str(value)


def fact_unit(name: str) -> str | None:
    """Return in what a fact is counted, None when it is no count."""
    fact = FACTS.get(name)
    if fact is None or fact.kind != "count":
        return None
    counted = name.removesuffix("_level_ii").removesuffix("_level_iii").removesuffix("_level_iv")
    key = "places" if counted in ("provinces", "cities", "counties", "towns") else "persons"
    return label("units", key)


def used_facts(used: Mapping[str, Any]) -> str:
    """Return the facts of a criterion with their values, the unknown ones said to be."""
    return phrase("room", "list_gap").join(
        f"{label('facts', name)} {_or_unknown(fact_value(name, value))}"
        for name, value in used.items()
    )


def because(verdict: Verdict) -> list[str]:
    """Return the clauses that give the grade, each with the facts that it was met by."""
    return [_with_facts(item.text, item.facts) for item in verdict.because]


def nearest(verdict: Verdict) -> list[str]:
    """Return how far it is to graver grades, the nearest first, each distance once.

    Of a count that nobody knows it is said how many it takes, not how many more.
    """
    told = dict.fromkeys(_step(step, verdict.unknown) for step in verdict.next)
    return list(told)[:NEAREST]


def names(facts: tuple[str, ...]) -> list[str]:
    """Return the labels of facts."""
    return [label("facts", name) for name in facts]


def grade_words(grade: str | None) -> str:
    """Return a grade in words; None is one that reaches no grade."""
    return label("grades", grade or UNGRADED)


def local_input(value: datetime | None) -> str:
    """Return a moment as a datetime-local field wants it, "" for none."""
    return f"{local(value):%Y-%m-%dT%H:%M}" if value else ""


def size(octets: int) -> str:
    """Return the size of a file: 86 kB, 2.1 MB."""
    if octets < 1_000_000:
        return f"{max(octets // 1000, 1)} kB"
    return f"{octets / 1_000_000:.1f} MB"


def lasted(start: datetime, end: datetime) -> str:
    """Return the time between two moments in words."""
    return duration(abs(end - start))


def _step(step: Step, unknown: Collection[str]) -> str:
    parts = [
        phrase(
            "room",
            "step_from_unknown" if name in unknown else "step_more",
            name=label("facts", name),
            n=n,
            unit=fact_unit(name) or "",
        )
        for name, n in step.missing.items()
    ]
    facts = phrase("room", "and_gap").join(parts)
    return phrase("room", "step_reaches", facts=facts, grade=label("grades", step.grade))


def _with_facts(text: str, used: Mapping[str, Any]) -> str:
    told = used_facts(used)
    return phrase("room", "because", text=text, facts=told) if told else text


def _or_unknown(value: str | None) -> str:
    return label("common", "unknown") if value is None else value
