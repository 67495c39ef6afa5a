"""A scenario's list of events (MSEL) as a spreadsheet: its columns, and the rows that go out."""

import re

from drills.scenario.schema import Expectation, Inject, Scenario
from drills.scenario.text import cell, written
from incident.spreadsheets import Sheet
from incident.words import label

INJECTS = {
    "id": 18,
    "segment": 10,
    "at": 8,
    "when": 26,
    "ready": 6,
    "via": 14,
    "to": 10,
    "sender": 18,
    "text": 40,
    "report": 40,
    "facts": 24,
    "repeat": 10,
    "expires": 8,
    "answered": 14,
    "expired": 14,
}
EXPECTATIONS = {
    "id": 18,
    "segment": 10,
    "text": 36,
    "when": 36,
    "within": 8,
    "since": 18,
    "parts": 14,
    "of": 8,
    "objective": 14,
}
SHEETS = {"injects": INJECTS, "expectations": EXPECTATIONS}
"""The columns of each sheet, with their widths in characters."""

CLOCK = re.compile(r"^(?:T\+)?(?:(\d{1,2}):([0-5]\d)|(\d{1,4})m?)$", re.IGNORECASE)
REPEAT = re.compile(r"^(\d{1,4}m) ?[x×*] ?(\d{1,2})$", re.IGNORECASE)


def sheets(scenario: Scenario, language: str) -> list[Sheet]:
    """Return the two sheets of a scenario; T+ counts from the start of the segment."""
    rows = {
        "injects": tuple(_inject(one, language) for one in scenario.injects),
        "expectations": tuple(map(_expectation, scenario.expectations)),
    }
    return [
        Sheet(
            name=label("msel", name, language),
            title=f"{scenario.title} ({scenario.id})",
            heads=tuple(label("msel", column, language) for column in columns),
            rows=rows[name],
            widths=tuple(columns.values()),
        )
        for name, columns in SHEETS.items()
    ]


def clock(offset: str | None) -> str:
    """Return "85m" as T+1:25; nothing for None."""
    if offset is None:
        return ""
    hours, left = divmod(int(offset.removesuffix("m")), 60)
    return f"T+{hours}:{left:02d}"


def offset(text: str) -> str:
    """Return T+1:25, T+85, 85 or 85m as "85m"; raise ValueError for what is no such time."""
    found = CLOCK.match(text.replace(" ", ""))
    if found is None:
        raise ValueError(text)
    hours, left, alone = found.groups()
    return f"{int(alone) if alone else int(hours) * 60 + int(left)}m"


def _inject(inject: Inject, language: str) -> tuple[str, ...]:
    own, branch, repeat = written(inject), inject.branch, inject.repeat
    told = {
        **{name: str(value) for name, value in own.items() if isinstance(value, str)},
        "segment": inject.segment,
        "to": inject.to,
        "at": clock(inject.at),
        "when": cell(own.get("when")),
        "ready": label("msel", "yes", language) if inject.ready else "",
        "report": cell(inject.report),
        "facts": cell(inject.facts),
        "repeat": f"{repeat.every} × {repeat.times}" if repeat else "",
        "answered": ", ".join(branch.answered) if branch else "",
        "expired": ", ".join(branch.expired) if branch else "",
    }
    return tuple(told.get(name, "") for name in INJECTS)


def _expectation(wanted: Expectation) -> tuple[str, ...]:
    own = written(wanted)
    told = {
        "id": wanted.id,
        "segment": wanted.segment,
        "text": wanted.text,
        "when": cell(own["when"]),
        "within": wanted.within,
        "since": wanted.since,
        "parts": ", ".join(wanted.parts),
        "of": wanted.of,
        "objective": wanted.objective,
    }
    return tuple(told[name] for name in EXPECTATIONS)
