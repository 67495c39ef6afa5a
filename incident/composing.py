"""An official document as HTML: the words are the templates', the facts are the document's."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from incident import bars
from incident.charts import Words
from incident.documents import Chart, OfficialDocument
from incident.fonts import Face
from incident.printable import is_blank, printable
from templates import make_environment

_WIDTH_OF_LINE = 442.2  # Points: 156 mm.
_MARK_LARGEST, _MARK_SMALLEST = 46, 26
_TRACED = Markup('<a class="traced" href="#source-{}">{}</a>')


class Traced(int):
    """A number of persons that a reader on a screen can follow to its source."""

    name: str


def compose(document: OfficialDocument) -> str:
    """Return the document as one HTML page without a stylesheet.

    A fact that is None reads 〔待核〕, wherever it stands. Nothing in a fact is ever markup.
    """
    return _render(document, "document.html")


def compose_reading(document: OfficialDocument, sources: Iterable[str]) -> Markup:
    """Return the words of the document for a screen, without its page.

    `sources` names the counts of persons for which the page has an element `source-NAME`.
    """
    counts = document.facts.counts
    known = {name: getattr(counts, name) for name in sources}
    traced: dict[str, Any] = {
        n: _traced(n, value) for n, value in known.items() if value is not None
    }
    facts = replace(document.facts, counts=replace(counts, **traced))
    return Markup(_render(replace(document, facts=facts), "reading.html"))  # noqa: S704 - escaped


def compose_stylesheet(chosen: tuple[Face, ...]) -> str:
    """Return the layout of GB/T 9704—2012 in these faces."""
    stacks = {face.part: face.stack for face in chosen}
    return _ENVIRONMENT.get_template("document.css").render(stacks)


def _render(document: OfficialDocument, frame: str) -> str:
    template = _ENVIRONMENT.get_template(f"{document.content.kind}.html")
    return template.render(
        frame=frame, document=document, facts=document.facts, content=document.content
    )


def _traced(name: str, value: int) -> Traced:
    number = Traced(value)
    number.name = name
    return number


def _printable(value: object) -> object:
    """Turn what is None, or blank once cleaned, into the mark of a missing fact."""
    if isinstance(value, Traced):
        return _TRACED.format(value.name, int(value))
    if isinstance(value, Markup) or not isinstance(value, str | None):
        return value
    return _MISSING if value is None or is_blank(value) else printable(value).strip()


@pass_context
def _local(context: Context, moment: datetime | None) -> datetime | None:
    """Return the moment on the site's clock."""
    return moment and moment.astimezone(ZoneInfo(context["document"].time_zone))


def _paragraphs(text: str | None) -> list[str | None]:
    """Split people's own words where they began a new line; None stays one missing paragraph."""
    lines = re.split(r"[\r\n\u2028\u2029]+", text or "")
    return [line for line in lines if not is_blank(line)] or [None]


def _mark_size(text: str) -> float:
    """Return the size in points at which the red head fills its one line without being huge."""
    return max(_MARK_SMALLEST, min(_MARK_LARGEST, _WIDTH_OF_LINE / max(len(text), 1)))


def _chart(chart: Chart) -> Markup:
    """Draw a figure; its numbers stand in the tables of the document."""
    words = Words(title=printable(chart.title), description=printable(chart.description), heads=())
    if chart.shape == "shares":
        shares = [
            bars.Share(name=printable(one.name), share=one.share, note=printable(one.note))
            for one in chart.bars
        ]
        return bars.shares(shares, words).svg
    lengths = [
        bars.Length(
            name=printable(one.name),
            allowed=one.allowed or 0.0,
            taken=one.taken,
            note=printable(one.note),
            is_late=one.is_late,
        )
        for one in chart.bars
    ]
    return bars.lengths(lengths, words).svg


def _title_lines(name: str, unit: str | None) -> Mapping[str, str]:
    """Part an incident's name after its unit, where a title may be broken without harm."""
    if unit and name.startswith(unit) and name != unit:
        return {"unit": unit, "rest": name.removeprefix(unit)}
    return {"unit": "", "rest": name}


def _make() -> Environment:
    environment = make_environment("documents").overlay(finalize=_printable)
    environment.filters |= {"local": _local, "paragraphs": _paragraphs, "mark_size": _mark_size}
    environment.filters["title_lines"] = _title_lines
    environment.filters["chart"] = _chart
    environment.globals["unknown"] = None
    return environment


_ENVIRONMENT = _make()
_MISSING = Markup(_ENVIRONMENT.get_template("missing.html").render())  # noqa: S704 - our own file
