"""From the fields of a briefing's form to its text, and back."""

from collections.abc import Iterator, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from incident.inputs.base import parse
from incident.inputs.briefings import FIELDS, BriefingText

LINES = ("addressees", "cc", "next_steps")
SECTIONS = "sections"
SECTION_ROWS = 12
SPARE_ROWS = 2

Form = MultiDict[str, str]


def read(kind: str, form: Form) -> BriefingText:
    """Return the text of a form; an empty field takes back what was written."""
    return parse(BriefingText, dict(_raw(kind, form)))


def values(kind: str, text: Mapping[str, Any]) -> dict[str, str]:
    """Return a stored text as the values of its fields."""
    found: dict[str, str] = {}
    for name in FIELDS[kind]:
        value = text.get(name)
        if name == SECTIONS:
            found |= _section_values(value or ())
        elif name in LINES:
            found[name] = "\n".join(value or ())
        else:
            found[name] = value or ""
    return found


def section_rows(filled: Mapping[str, str]) -> range:
    """Return the places of sections to show: those filled, and some to fill."""
    there = [n for n in range(SECTION_ROWS) if filled.get(f"sections.{n}.heading")]
    return range(min((there[-1] + 1 if there else 0) + SPARE_ROWS, SECTION_ROWS))


def _raw(kind: str, form: Form) -> Iterator[tuple[str, Any]]:
    for name in FIELDS[kind]:
        if name == SECTIONS:
            yield name, list(_sections(form))
        elif name in LINES:
            yield name, [line.strip() for line in form.get(name, "").splitlines() if line.strip()]
        else:
            yield name, form.get(name, "").strip() or None


def _sections(form: Form) -> Iterator[dict[str, str]]:
    for n in range(SECTION_ROWS):
        row = {part: form.get(f"sections.{n}.{part}", "").strip() for part in ("heading", "text")}
        if any(row.values()):
            yield row


def _section_values(sections: Any) -> dict[str, str]:
    return {
        f"sections.{n}.{part}": section[part]
        for n, section in enumerate(sections)
        for part in ("heading", "text")
    }
