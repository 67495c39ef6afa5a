"""Stand-ins for what an incident names: the same for the same, and nothing of the original.

What is kept as it was comes from closed vocabularies: counts, flags, choices, known symptoms and
meals. Free text cannot be proved clean, so it is left for the director to write.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from drills.generating.agents import symptom_words
from drills.generating.batch_cluster import products
from drills.writing.drafts import TO_FILL
from incident.inputs.report import COUNTS
from incident.words import phrase
from workflows.facts import FACTS

EXAMPLES = ("999901", "999902")
PHONE = "+86100000000{:02d}"
PHONES = 100
STAND_INS = {
    "suspect_product": "product",
    "suspect_producer": "producer",
    "suspect_batch": "batch",
    "approval_no": "approval_no",
}
TO_WRITE = ("cause", "measures")
KEPT = ("kind", "source", "setting")


def word(name: str, **values: object) -> str:
    """Return a phrase of scenarios that are made of incidents."""
    return phrase("from_incident", name, values)


def ordinal(number: int) -> str:
    """Return the name of a place in a row, from 0."""
    names = word("ordinals")
    return names[number] if number < len(names) else str(number + 1)


@dataclass(slots=True)
class Disguise:
    """What stands for what, while one scenario is made; `people` speak for organisations."""

    secrets: frozenset[str]
    known: dict[str, dict[str, int]] = field(default_factory=dict)
    people: dict[int, str] = field(default_factory=dict)
    highest: dict[str, int] = field(default_factory=dict)

    def name(self, kind: str, original: object) -> str:
        """Return what stands for an original."""
        return word(kind, n=ordinal(self.number(kind, original)))

    def number(self, kind: str, original: object) -> int:
        """Return which one of its kind an original is, from 0."""
        own = self.known.setdefault(kind, {})
        return own.setdefault(str(original).strip().casefold(), len(own))

    def sender(self, report: Mapping[str, Any]) -> str:
        """Return who reports."""
        reporter = report.get("reporter") or {}
        return self.name("organisation", reporter.get("organisation") or report.get("source"))

    def report(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Return a report as an inject brings it."""
        found: dict[str, Any] = {name: raw[name] for name in KEPT if raw.get(name) is not None}
        found["place"] = self._place(raw.get("place") or {})
        if unit := (raw.get("unit") or {}).get("name"):
            found["unit"] = {"name": self.name("unit", unit)}
        counts = raw.get("counts") or {}
        kept = {key: counts[key] for key in (*COUNTS, "basis") if counts.get(key) is not None}
        self.highest |= {key: count for key, count in kept.items() if key in COUNTS}
        parts = {
            "counts": kept,
            "symptoms": self.symptoms(raw.get("symptoms") or ()),
            "suspect": self._suspect(raw.get("suspect") or {}),
            "reporter": self._reporter(raw),
        }
        found |= {key: part for key, part in parts.items() if part}
        found |= {key: TO_FILL for key in ("narrative", "measures") if raw.get(key)}
        if raw.get("correction"):
            found["correction"] = word("correction")
        return found

    def facts(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Return facts that an inject may bring; a count that falls needs a reason nobody gives."""
        found = {name: self._fact(name, value) for name, value in raw.items()}
        return {name: value for name, value in found.items() if value is not None}

    def symptoms(self, told: Iterable[object]) -> list[str]:
        """Return the symptoms that are known words; one mark stands for all the others."""
        words = {*word("symptoms").split(), *symptom_words().values()}
        words |= {sign for product in products().values() for sign in product.targets}
        return list(dict.fromkeys(self._clean(str(one), words) for one in told))

    def _fact(self, name: str, value: Any) -> Any:
        if name in COUNTS and isinstance(value, int):
            if value < self.highest.get(name, value):
                return None
            self.highest[name] = value
        if name in FACTS:
            return value if FACTS[name].accepts(value) else None
        if name in STAND_INS:
            return self.name(STAND_INS[name], value)
        if name == "meal":
            return self._clean(str(value), word("meals").split())
        return TO_FILL if name in (*TO_WRITE, "symptoms") else None

    def _place(self, place: Mapping[str, Any]) -> dict[str, Any]:
        number = self.number("division", place.get("division"))
        found = {"division": EXAMPLES[min(number, len(EXAMPLES) - 1)]}
        if address := place.get("address"):
            found["address"] = self.name("address", address)
        return found

    def _suspect(self, suspect: Mapping[str, Any]) -> dict[str, Any]:
        found = {
            key: self.name(key, suspect[key])
            for key in ("product", "producer", "batch", "approval_no")
            if suspect.get(key)
        }
        if meal := suspect.get("meal"):
            found["meal"] = self._clean(str(meal), word("meals").split())
        return found

    def _reporter(self, report: Mapping[str, Any]) -> dict[str, Any]:
        reporter = report.get("reporter") or {}
        if not reporter:
            return {}
        said_by = self.sender(report)
        number = self.number("person", reporter.get("phone") or reporter.get("name") or said_by)
        self.people.setdefault(number, said_by)
        return {"organisation": said_by, "phone": PHONE.format(number % PHONES)}

    def _clean(self, told: str, vocabulary: Iterable[str]) -> str:
        return told if told in vocabulary and told not in self.secrets else TO_FILL
