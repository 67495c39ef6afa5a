"""A story of the example desk: a report in the past, and what was done about it."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import yaml
from pydantic import Field, StringConstraints

from incident.inputs.base import Input, Line

FOLDER = Path(__file__).parent / "examples"
LENGTH = re.compile(r"^(-?)(\d{1,4})([dhm])$")
UNITS = {"d": "days", "h": "hours", "m": "minutes"}
MOMENTS = frozenset({"occurred_at", "aware_at", "expected_until", "due_at"})
DAYS = frozenset({"due_on"})

Length = Annotated[str, StringConstraints(pattern=LENGTH.pattern)]


class Step(Input):
    """One action, some time after the one before; `opinion` is an expert's."""

    after: Length
    by: Line
    action: Line
    brings: dict[str, Any] = Field(default_factory=dict)


class Story(Input):
    """One incident; `alerts` tells that its people have telephones already."""

    began: Length
    by: Line
    report: dict[str, Any]
    steps: tuple[Step, ...] = ()
    alerts: bool = False


def stories(folder: Path = FOLDER) -> list[Story]:
    """Return the stories in the order of their files."""
    paths = sorted(folder.glob("[0-9]*.yaml"))
    return [
        Story.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))) for path in paths
    ]


def length(text: str) -> timedelta:
    """Return the length of "9d", "-5h" or "20m"."""
    found = LENGTH.match(text)
    if found is None:
        raise ValueError(f"{text} is no length such as 20m")
    sign, number, unit = found.groups()
    return timedelta(**{UNITS[unit]: int(number)}) * (-1 if sign else 1)


def told_at(value: Any, now: datetime, zone: ZoneInfo, name: str = "") -> Any:
    """Return a value with every moment and day in it counted from `now`."""
    if isinstance(value, dict):
        return {key: told_at(inner, now, zone, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [told_at(inner, now, zone, name) for inner in value]
    if name in MOMENTS:
        return (now + length(value)).isoformat()
    if name in DAYS:
        return (now + length(value)).astimezone(zone).date().isoformat()
    return value
