"""A scenario as a script (演练脚本): what comes when, and what is expected of whom until when."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from drills.scenario.condition_words import describe
from drills.scenario.conditions import TaskDone, leaves
from drills.scenario.schema import SIMULATORS, Expectation, Inject, Scenario, Segment, minutes
from incident.documents import Table
from incident.words import label, phrase

COLUMNS = (
    "scene",
    "time",
    "trigger",
    "from-to",
    "channel",
    "action",
    "by",
    "deadline",
    "dialog",
    "caption",
    "evidence",
    "score",
)
"""The row of domain practice: scene, T+, trigger, from→to, channel, action, actor, deadline…"""
INJECT = "inject:"
WORDS = 400
Row = tuple[str, ...]


def word(name: str, **values: object) -> str:
    """Return a phrase of handbooks."""
    return phrase("handbooks", name, values)


def table(scenario: Scenario) -> Table:
    """Return the script, segment by segment in the order of time."""
    rows = [
        row
        for number, segment in enumerate(scenario.segments, 1)
        for row in _segment(scenario, segment, number)
    ]
    return Table(columns=tuple(word(name) for name in COLUMNS), rows=tuple(rows))


def said(inject: Inject) -> str:
    """Return what an inject says: its words, or its figures."""
    report = inject.report or {}
    told = inject.text or report.get("narrative")
    figures = {**report.get("counts", {}), **(inject.facts or {})}
    numbers = word("gap").join(
        f"{label('facts', name)} {value}" for name, value in figures.items() if name != "basis"
    )
    return word("gap").join(text for text in (str(told or ""), numbers) if text)[:WORDS]


def since(scenario: Scenario, wanted: Expectation) -> str:
    """Return from when an expectation counts."""
    if wanted.since.startswith(INJECT):
        return wanted.since.removeprefix(INJECT)
    return word("drill-starts" if wanted.since == "start" else "segment-starts")


def asked(scenario: Scenario, wanted: Expectation) -> str:
    """Return of whom something is expected."""
    titles = {part.id: part.title for part in scenario.parts}
    return word("gap").join(titles.get(part, part) for part in wanted.parts) or word("any")


def objective(scenario: Scenario, wanted: Expectation) -> str:
    """Return the objective that an expectation shows."""
    found = (one.text for one in scenario.objectives if one.id == wanted.objective)
    return next(found, wanted.objective)


def _segment(scenario: Scenario, segment: Segment, number: int) -> Iterator[Row]:
    wanted = [one for one in scenario.expectations if not one.since.startswith(INJECT)]
    for one in (each for each in wanted if each.segment == segment.id):
        yield _row(scenario, segment, number, None, one)
    for inject in _in_order(scenario, segment):
        own = [one for one in scenario.expectations if one.since == f"{INJECT}{inject.id}"]
        if not own:
            yield _row(scenario, segment, number, inject, None)
        for one in own:
            yield _row(scenario, segment, number, inject, one)


def _in_order(scenario: Scenario, segment: Segment) -> Sequence[Inject]:
    never = timedelta.max
    own = [one for one in scenario.injects if one.segment == segment.id]
    return sorted(own, key=lambda one: minutes(one.at) if one.at else never)


def _row(
    scenario: Scenario,
    segment: Segment,
    number: int,
    inject: Inject | None,
    wanted: Expectation | None,
) -> Row:
    nothing = word("nothing")
    return (
        str(number),
        _time(segment, inject, wanted),
        _trigger(scenario, inject, wanted),
        _from_to(inject) if inject else nothing,
        label("drills", inject.via) if inject else nothing,
        wanted.text if wanted else nothing,
        asked(scenario, wanted) if wanted else nothing,
        wanted.within.removesuffix("m") if wanted else nothing,
        (said(inject) if inject else "") or nothing,
        segment.title,
        _evidence(wanted) if wanted else nothing,
        objective(scenario, wanted) if wanted else nothing,
    )


def _time(segment: Segment, inject: Inject | None, wanted: Expectation | None) -> str:
    if inject is None:
        start = timedelta() if wanted and wanted.since == "start" else segment.start
        return str(int(start.total_seconds()) // 60)
    if inject.at is not None:
        return str(int((segment.start + minutes(inject.at)).total_seconds()) // 60)
    way = "at-hand" if inject.ready else "at-condition" if inject.when else "at-branch"
    return word(way)


def _trigger(scenario: Scenario, inject: Inject | None, wanted: Expectation | None) -> str:
    if inject is None:
        return since(scenario, wanted) if wanted else word("nothing")
    if inject.when is not None:
        return f"{inject.id} {word('when-condition', condition=describe(inject.when))}"
    return inject.id


def _from_to(inject: Inject) -> str:
    to = "to-simulators" if inject.to == SIMULATORS else "to-players"
    return f"{inject.sender}\u2192{word(to)}"


def _evidence(wanted: Expectation) -> str:
    tasks = [one for one in leaves(wanted.when) if isinstance(one, TaskDone) and one.evidence]
    return word("with-evidence" if tasks else "by-timeline")
