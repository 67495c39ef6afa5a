"""What the forms of the scenario editor ask for, part by part of a scenario."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "line", "text", "minutes", "number", "choice", "yes", "some", "names", "rows", "condition"
]
Width = Literal["full", "half", "third", "short"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One field: `name` is the path inside the item, `choices` what it is chosen from.

    `group` folds fields together.
    """

    name: str
    kind: Kind = "line"
    choices: str = ""
    optional: bool = False
    width: Width = "half"
    group: str = ""


def _ask(name: str, kind: Kind = "line", width: Width = "half", **rest: str) -> Ask:
    choices, group = rest.get("choices", ""), rest.get("group", "")
    return Ask(name=name, kind=kind, width=width, choices=choices, group=group)


def _may(name: str, kind: Kind = "line", width: Width = "half", **rest: str) -> Ask:
    choices, group = rest.get("choices", ""), rest.get("group", "")
    return Ask(name=name, kind=kind, width=width, choices=choices, group=group, optional=True)


HEAD = (
    _ask("title", width="full"),
    _ask("kind", "choice", "third", choices="kinds"),
    _ask("form", "choice", "third", choices="forms"),
    _ask("content", "choice", "third", choices="contents"),
    _ask("purpose", "choice", "third", choices="purposes"),
    _ask("speed", "number", "third"),
    _may("plan", "choice", "third", choices="plans"),
    _ask("double_blind", "yes", "full"),
    _ask("summary", "text", "full"),
)
REPORT = (
    _may("report.source", "choice", "third", choices="sources", group="report"),
    _may("report.report_type", "choice", "third", choices="report_types", group="report"),
    _may("report.setting", "choice", "third", choices="settings", group="report"),
    _may("report.place.division", width="third", group="report"),
    _may("report.place.address", width="third", group="report"),
    _may("report.unit.name", width="third", group="report"),
    *(
        _may(f"report.counts.{name}", "number", "third", group="report")
        for name in ("exposed", "ill", "visited", "hospitalised", "severe", "deaths")
    ),
    _may("report.counts.basis", "choice", "third", choices="count_bases", group="report"),
    _may("report.symptoms", "names", "full", group="report"),
    _may("report.suspect.meal", width="third", group="report"),
    _may("report.suspect.product", width="third", group="report"),
    _may("report.suspect.producer", width="third", group="report"),
    _may("report.suspect.batch", width="third", group="report"),
    _may("report.suspect.approval_no", width="third", group="report"),
    _may("report.reporter.organisation", width="third", group="report"),
    _may("report.reporter.phone", width="third", group="report"),
    _may("report.narrative", "text", "full", group="report"),
    _may("report.correction", width="full", group="report"),
)
SECTIONS: Mapping[str, tuple[Ask, ...]] = {
    "segments": (
        _ask("title"),
        _ask("id", width="third"),
        _ask("starts", "minutes", "third"),
        _ask("lasts", "minutes", "third"),
        _ask("apart", "yes", "full"),
    ),
    "parts": (
        _ask("title"),
        _ask("id", width="third"),
        _ask("plays", "choice", "third", choices="plays"),
        _may("desk", "choice", "third", choices="desks"),
    ),
    "cast": (
        _ask("name"),
        _ask("id", width="third"),
        _ask("who", width="full"),
        _may("phone", width="third"),
        _may("part", "choice", "third", choices="simulators"),
    ),
    "objectives": (
        _ask("text", width="full"),
        _ask("id", width="third"),
        _ask("weight", "number", "third"),
        _may("item", "choice", "third", choices="items"),
        _may("criteria", "rows", "full"),
    ),
    "background": (
        _ask("text", "text", "full"),
        _ask("basis", width="half"),
        _ask("confidence", "choice", "third", choices="confidences"),
    ),
    "injects": (
        _ask("id", width="third"),
        _ask("segment", "choice", "third", choices="segments"),
        _ask("via", "choice", "third", choices="vias"),
        _ask("sender", width="half"),
        _ask("to", "choice", "third", choices="tos"),
        _may("text", "text", "full"),
        _may("at", "minutes", "third", group="way"),
        _may("ready", "yes", "full", group="way"),
        _may("when", "condition", "full", group="way"),
        _may("expires", "minutes", "third", group="after"),
        _may("repeat.every", "minutes", "third", group="after"),
        _may("repeat.times", "number", "third", group="after"),
        _may("branch.answered", "some", "full", choices="injects", group="after"),
        _may("branch.expired", "some", "full", choices="injects", group="after"),
        *REPORT,
        _may("facts", "rows", "full", group="facts"),
    ),
    "expectations": (
        _ask("text", width="full"),
        _ask("id", width="third"),
        _ask("objective", "choice", "third", choices="objectives"),
        _ask("within", "minutes", "third"),
        _ask("since", "choice", "third", choices="moments"),
        _ask("segment", "choice", "third", choices="segments"),
        _ask("when", "condition", "full"),
        _may("parts", "some", "full", choices="players"),
        _may("of", "choice", "third", choices="ofs"),
    ),
}
ROWS: Mapping[str, tuple[str, ...]] = {
    "criteria": ("text", "basis", "confidence"),
    "facts": ("fact", "value"),
}
"""The columns of what is asked in rows."""
CONDITIONS: Mapping[str, tuple[Ask, ...]] = {
    "state": (_ask("state", "choice", choices="states"),),
    "action": (_ask("action", "choice", choices="actions"),),
    "at_least": (
        _ask("fact", "choice", choices="counts"),
        _ask("at_least", "number", "third"),
    ),
    "equals": (
        _ask("fact", "choice", choices="facts"),
        _ask("equals", width="third"),
    ),
    "task": (
        _ask("task", "choice", choices="tasks"),
        _ask("evidence", "yes", "third"),
    ),
    "clock": (_ask("clock", "choice", choices="clocks"),),
    "message": (
        _ask("message", "choice", "third", choices="events"),
        _ask("role", "choice", "third", choices="desks"),
        _ask("of", "choice", "third", choices="ofs"),
    ),
    "briefing": (
        _ask("briefing", "choice", choices="briefings"),
        _may("contains", "some", "full", choices="contents_of_briefings"),
    ),
    "consultation": (),
    "answered": (_ask("answered", "choice", choices="injects"),),
}
"""The kinds of conditions, each with its fields."""
