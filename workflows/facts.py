"""The vocabulary of facts that conditions may ask for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

FactValue = int | str | bool | None

SETTINGS = (
    "school",
    "canteen",
    "restaurant",
    "banquet",
    "delivery",
    "home",
    "hospital",
    "clinic",
    "retail",
    "major_event",
    "other",
)
COUNT_BASES = (
    "self_reported",
    "suspected",
    "probable",
    "confirmed",
    "visited",
    "hospitalized",
    "observed",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactType:
    """What values a fact takes; a count is a whole number from 0, in persons unless said."""

    kind: Literal["count", "choice", "flag"]
    meaning: str
    choices: tuple[str, ...] = ()

    def accepts(self, value: object) -> bool:
        """Tell whether a known value fits."""
        match self.kind:
            case "count":
                return isinstance(value, int) and not isinstance(value, bool) and value >= 0
            case "choice":
                return value in self.choices
            case "flag":
                return isinstance(value, bool)

    @property
    def wanted(self) -> str:
        """Return in words what would be accepted."""
        wanted = {"count": "a whole number from 0", "flag": "true or false"}
        return wanted.get(self.kind) or "one of " + ", ".join(self.choices)


def _count(meaning: str) -> FactType:
    return FactType(kind="count", meaning=meaning)


def _flag(meaning: str) -> FactType:
    return FactType(kind="flag", meaning=meaning)


FACTS: Mapping[str, FactType] = {
    "exposed": _count("persons who ate, used or received the product"),
    "ill": _count("persons ill, deaths included"),
    "visited": _count("persons who saw a doctor"),
    "hospitalised": _count("persons in hospital"),
    "severe": _count("persons severely ill"),
    "deaths": _count("persons who died"),
    "unexpected": _count("persons with a rare or unexpected adverse event"),
    "extremely_serious": _count("persons with an extremely serious adverse event"),
    "deaths_same_batch": _count("deaths by one batch of one product within a short time"),
    "similar_cases_same_region": _count("other similar cases in the same region"),
    "provinces": _count("provinces touched"),
    "cities": _count("cities touched"),
    "counties": _count("counties touched"),
    "towns": _count("townships touched"),
    "overseas": _flag("has reached or come from abroad, Hong Kong, Macao or Taiwan"),
    "new_contaminant": _flag("a contaminant seen in China for the first time"),
    "serious_event": _flag("some adverse events are life-threatening or permanent"),
    "drug_abuse": _flag("goes along with abuse of the drug"),
    "provinces_level_ii": _count("provinces with a grade II incident of the same product"),
    "cities_level_iii": _count("cities of the province with a grade III incident of the product"),
    "counties_level_iv": _count("counties of the city with a grade IV incident of the product"),
    "quality_confirmed": _flag("a quality defect of the product is confirmed"),
    "setting": FactType(kind="choice", meaning="where it happened", choices=SETTINGS),
    "count_basis": FactType(kind="choice", meaning="what is counted", choices=COUNT_BASES),
}


class BadFact(ValueError):
    """A fact that is not in the vocabulary, or whose value does not fit."""

    def __init__(self, name: str, *, wanted: str) -> None:
        super().__init__(f"{name}: {wanted}")
        self.name = name
        self.wanted = wanted


def known(facts: Mapping[str, object]) -> dict[str, int | str | bool]:
    """Return the facts that are known, None left out; raise BadFact for the first that is wrong."""
    return {name: _checked(name, value) for name, value in facts.items() if value is not None}


def _checked(name: str, value: object) -> int | str | bool:
    fact = FACTS.get(name)
    if fact is None:
        raise BadFact(name, wanted="a fact of the vocabulary")
    if not fact.accepts(value) or not isinstance(value, int | str):
        raise BadFact(name, wanted=fact.wanted)
    return value
