"""What the pages of briefings say: names, sources, gaps and where they are filled."""

from flask import url_for

from incident.queries.briefings import Gap, Row, Source, View
from incident.web import showing
from incident.web.looks import label, phrase


def heading(row: Row) -> str:
    """Return how a page names a briefing: its kind, and the follow-ups by their number."""
    name = label("briefing_kinds", row.kind)
    if row.kind in ("progress", "special"):
        return phrase("briefing_pages", "numbered", kind=name, n=row.sequence)
    return name


def said(view: View) -> dict[str, str]:
    """Return what the desk would say from its records where people write nothing."""
    document, text = view.document, view.text
    found = {name: getattr(document.facts, name, None) for name in ("course", "trend")}
    found["next_steps"] = "\n".join(document.facts.next_steps) or None
    for name in ("conclusion", "lessons"):
        found[name] = getattr(document.content, name, None)
    found["addressees"], found["cc"] = "\n".join(document.addressees), "\n".join(document.cc)
    return {name: value for name, value in found.items() if value and not text.get(name)}


def error_line(name: str, text: str) -> str:
    """Return a line of the error summary; a field of a section is called by its part."""
    first, _, rest = name.partition(".")
    part = rest.partition(".")[2]
    called = label("briefing_fields", f"{first}.{part}" if part else first)
    return phrase("room", "wrong_field", field=called, text=text)


def source(one: Source) -> dict[str, object]:
    """Return a row of the table of sources."""
    return {
        "name": one.name,
        "label": label("facts", one.name),
        "value": showing.fact_value(one.name, one.value),
        "unit": showing.fact_unit(one.name) if one.is_count else None,
        "source": label("sources", one.source),
        "basis": label("count_bases", one.basis) if one.basis and one.is_count else None,
        "as_of": one.as_of,
        "reason": one.reason,
    }


def gap(number: str, briefing: int, one: Gap) -> tuple[str, str | None]:
    """Return what is missing in words, and where it can be entered."""
    name = label("gaps", one.name)
    told = phrase("briefing_pages", "gap_of", name=name, label=one.label) if one.label else name
    return told, _address(number, briefing, one)


def _address(number: str, briefing: int, gap: Gap) -> str | None:
    field = f"f-{gap.target.replace('.', '-')}"
    match gap.way:
        case "facts":
            anchor = f"f-facts-{gap.target}" if gap.target else None
            return url_for("actions.show", number=number, name="update_facts", _anchor=anchor)
        case "report":
            return url_for("reports.follow_up", number=number, _anchor=field)
        case "text":
            return url_for("briefings.edit", number=number, briefing=briefing, _anchor=field)
        case "grading":
            return url_for("grading.show", number=number)
        case "clock" if gap.target:
            return url_for("clocks.show", number=number, clock=int(gap.target))
        case _:
            return None
