"""What the check of scenarios finds, in the words of people who do not write YAML."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from incident.words import label, vocabulary
from workflows.problems import Mistake

GROUP = "scenario_problems"
FIELDS = ("field", "part", "whole", "fact", "what")
HOLE = re.compile(r"\\\{(\w+)\\\}")
LISTED = re.compile(r"[\w.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A problem: in which section and item, in which field of it, what is wrong, what is right."""

    section: str
    place: int | None
    field: str
    where: str
    line: int
    what: str
    right: str


def tell(mistake: Mistake, content: Mapping[str, Any], line: int, language: str) -> Told:
    """Return a mistake in words; `content` is the draft that it is in."""
    section, place, field = _at(mistake)
    return Told(
        section=section,
        place=place,
        field=field,
        where=_where(section, place, field, content, language),
        line=line,
        what=in_words(mistake.what, language),
        right=in_words(mistake.right, language),
    )


def in_words(text: str, language: str) -> str:
    """Return what the check says in a language; what has no words there stays as it is."""
    if language == "en":
        return text
    for key, pattern in _patterns():
        if found := pattern.fullmatch(text):
            values = {
                name: _named(name, value, language) for name, value in found.groupdict().items()
            }
            return vocabulary()[GROUP][key][language].format_map(values)
    return text


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (key, re.compile(HOLE.sub(r"(?P<\1>.+?)", re.escape(words["en"])), re.DOTALL))
        for key, words in vocabulary()[GROUP].items()
    )


def _named(name: str, value: str, language: str) -> str:
    """Return a value with the names of fields and facts in it as people know them."""
    if name not in FIELDS:
        return value
    known = ("scenario_fields", "facts")

    def word(found: re.Match[str]) -> str:
        group = next((one for one in known if found[0] in vocabulary()[one]), None)
        return label(group, found[0], language) if group else found[0]

    return LISTED.sub(word, value)


def _at(mistake: Mistake) -> tuple[str, int | None, str]:
    match mistake.at:
        case (str(section), int(place), *rest):
            return section, place, ".".join(map(str, rest))
        case (str(first), *rest):
            return "head", None, ".".join(map(str, (first, *rest)))
    return "text", None, ""


def _where(
    section: str, place: int | None, field: str, content: Mapping[str, Any], language: str
) -> str:
    """Return where something stands: the section, the item, the field."""
    gap = label("scenarios", "where-gap", language)
    parts = [label("scenario_sections", section, language)]
    held = content.get(section)
    if place is not None and isinstance(held, list) and place < len(held):
        item = held[place]
        named = item.get("id") if isinstance(item, Mapping) else None
        parts.append(str(named or place + 1))
    first = field.partition(".")[0]
    if field and first in vocabulary()["scenario_fields"]:
        parts.append(label("scenario_fields", first, language))
    elif field and first in vocabulary()["scenario_sections"]:
        parts = [label("scenario_sections", first, language)]
    return gap.join(parts)
