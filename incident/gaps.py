"""What an official document does not know yet."""

from collections.abc import Iterator

from incident.documents import Final, OfficialDocument, Progress
from incident.printable import is_blank

FactName = str  # Dotted, as in "facts.counts.ill".

_PEOPLE = ("exposed", "ill", "visited", "hospitalised", "severe", "deaths", "as_of")
_EVERY_REPORT = (
    *("source", "reporter", "reporter_contact", "place", "unit", "symptoms", "first_onset_at"),
    *("last_onset_at", "incubation", "suspect", "samples", "scope", "measures", "grade"),
)

# The columns of domain/food.md 2.3; what is not named here may be absent and is then not printed.
_REQUIRED: dict[str, tuple[FactName, ...]] = {
    "initial": ("occurred_at", "received_at", "course", "trend", "next_steps"),
    "progress": ("cause", "trend", "opinion", "next_steps"),
    "final": ("occurred_at", "received_at", "course", "cause", "loss", "opinion", "response"),
}
_REQUIRED_OF_CONTENT: dict[str, tuple[FactName, ...]] = {
    "final": ("terminated_at", "conclusion", "responsibility", "rectification", "lessons"),
    "special": ("reason",),
    "activation_order": ("matter", "grade", "period", "measures", "effective_at"),
}


def missing(document: OfficialDocument) -> tuple[FactName, ...]:
    """Name the facts that stand as 〔待核〕 in the document, in a fixed order.

    A final briefing and an activation order are not to be issued while this names any.
    """
    return tuple(name for name, value in _required_facts(document) if _is_open(value))


def _is_open(value: object) -> bool:
    return value is None or value == () or (isinstance(value, str) and is_blank(value))


def _required_facts(document: OfficialDocument) -> Iterator[tuple[FactName, object]]:
    kind, facts, content = document.content.kind, document.facts, document.content
    if kind in _REQUIRED:
        for name in (*_EVERY_REPORT, *_REQUIRED[kind]):
            yield f"facts.{name}", getattr(facts, name)
        for name in _PEOPLE:
            yield f"facts.counts.{name}", getattr(facts.counts, name)
    for name in _REQUIRED_OF_CONTENT.get(kind, ()):
        yield f"content.{name}", getattr(content, name)
    yield from _open_cells(document)


def _open_cells(document: OfficialDocument) -> Iterator[tuple[FactName, object]]:
    for place, section in enumerate(document.sections):
        if section.table is None:
            yield f"sections.{place}.text", section.text
        elif any(cell is None for row in section.table.rows for cell in row):
            yield f"sections.{place}.table", None
    match document.content:
        case Progress(changes=changes):
            yield from ((f"content.changes.{n}", change.new) for n, change in enumerate(changes))
        case Final(milestones=milestones):
            yield from ((f"content.milestones.{n}", step.at) for n, step in enumerate(milestones))
        case _:
            pass
