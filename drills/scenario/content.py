"""Find in what the injects of a scenario bring: what no desk would take, and real telephones."""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from pydantic import ValidationError

from drills.scenario.schema import Inject, Scenario
from incident.errors import InvalidInput
from incident.inputs import facts
from incident.inputs.report import COUNTS, ReportInput, impossible
from workflows.divisions import Divisions
from workflows.problems import Mistake, Path

EXAMPLE = re.compile(r"^\+86100000000\d\d$")
MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d{9}(?!\d)")
RANGE = "an example number, +86100000000NN"
BRINGS: Mapping[str, frozenset[str]] = {
    "report": frozenset({"report"}),
    "follow_up": frozenset({"report"}),
    "hospital_update": frozenset({"report", "facts", "text"}),
    "lab_result": frozenset({"facts", "text"}),
}
WORDS = frozenset({"text"})


def mistakes(scenario: Scenario) -> Iterator[Mistake]:
    """Return what is wrong with contents, and each telephone outside the example range."""
    for number, inject in enumerate(scenario.injects):
        at: Path = ("injects", number)
        yield from _brings(inject, at)
        yield from _report(scenario, inject, (*at, "report"))
        yield from _facts(inject, (*at, "facts"))
        if inject.text and MOBILE.search(inject.text):
            yield Mistake((*at, "text"), "a real telephone stands in the text", RANGE)
    for number, person in enumerate(scenario.cast):
        if person.phone is not None and not EXAMPLE.match(person.phone):
            at = ("cast", number, "phone")
            yield Mistake(at, f"`{person.phone}` may be a real telephone", RANGE)
    yield from _falling(scenario)


@cache
def divisions() -> Divisions:
    """Return the table of divisions, read once."""
    return Divisions.load()


def _brings(inject: Inject, at: Path) -> Iterator[Mistake]:
    allowed = BRINGS.get(inject.via, WORDS)
    given = {name for name in ("report", "facts", "text") if getattr(inject, name) is not None}
    if not given:
        right = f"give {' or '.join(sorted(allowed))}"
        yield Mistake(at, f"{inject.id} brings nothing", right)
    for name in sorted(given - allowed):
        right = f"{' or '.join(sorted(allowed))} comes by {inject.via}"
        yield Mistake((*at, name), f"no `{name}` comes by {inject.via}", right)
    for name in sorted(given & {"facts", "text"} if "report" in given else ()):
        right = "make two injects of it; words belong into the report's `narrative`"
        yield Mistake((*at, name), f"{inject.id} brings a report and {name}", right)


def _report(scenario: Scenario, inject: Inject, at: Path) -> Iterator[Mistake]:
    if inject.report is None:
        return
    try:
        report = ReportInput.model_validate(inject.report)
    except ValidationError as error:
        for item in error.errors():
            what = f"the desk takes no such report: {item['msg'].lower()}"
            yield Mistake((*at, *item["loc"]), what, "write it as the API takes it")
        return
    if report.kind != scenario.kind:
        what = f"a report on {report.kind} in a drill on {scenario.kind}"
        yield Mistake((*at, "kind"), what, str(scenario.kind))
    if not divisions().exists(report.place.division):
        what = f"unknown division `{report.place.division}`"
        yield Mistake((*at, "place"), what, "a GB/T 2260 code, such as 999901 of the example")
    if report.reporter and report.reporter.phone and not EXAMPLE.match(report.reporter.phone):
        what = f"`{report.reporter.phone}` may be a real telephone"
        yield Mistake((*at, "reporter"), what, RANGE)
    stated = {name: getattr(report.counts, name) for name in COUNTS}
    for part, whole in impossible(stated, report.counts.basis):
        yield Mistake((*at, "counts"), f"{part} is above {whole}", f"at most as many as {whole}")


def _facts(inject: Inject, at: Path) -> Iterator[Mistake]:
    if inject.facts is None:
        return
    try:
        facts.read(inject.facts, field="facts")
    except InvalidInput as error:
        for item in error.errors:
            name = item.field.removeprefix("facts.")
            what = f"the desk takes no fact `{name}` so: {item.code}"
            yield Mistake((*at, name), what, "a known fact with a value that suits it")


def _falling(scenario: Scenario) -> Iterator[Mistake]:
    """Name a count that falls from report to report of one place without a word why."""
    numbers = {inject.id: number for number, inject in enumerate(scenario.injects)}
    last: dict[tuple[object, str], int] = {}
    for one in scenario.timeline:
        report = one.inject.report or {}
        counts = report.get("counts", {})
        for name in COUNTS if isinstance(counts, Mapping) else ():
            value = counts.get(name)
            if not isinstance(value, int):
                continue
            key = (str(report.get("place")), name)
            if value < last.get(key, value) and not report.get("correction"):
                at: Path = ("injects", numbers[one.inject.id], "report", "counts")
                what = f"{name} falls from {last[key]} to {value}"
                yield Mistake(at, what, "say why in `correction:` of the report")
            last[key] = value
