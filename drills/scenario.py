"""A scenario: what happens when, and what the players are expected to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, StringConstraints, ValidationError, model_validator

from incident.inputs.base import Input, Line, Paragraph
from incident.inputs.report import ReportInput

FOLDER = Path(__file__).parent / "scenarios"
SLOWEST, FASTEST = 0.5, 60.0
MINUTES = r"^\d{1,4}m$"

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,60}$")]
Offset = Annotated[str, StringConstraints(pattern=MINUTES)]


class Inject(Input):
    """Something that happens at a drill minute: a report, a follow-up, facts, or a message."""

    id: Identifier
    at: Offset
    kind: Literal["report", "follow_up", "facts", "message"]
    sender: Line
    report: dict[str, Any] | None = None
    facts: dict[str, Any] | None = None
    text: Paragraph | None = None

    @model_validator(mode="after")
    def _has_its_content(self) -> "Inject":
        wanted = {"report": "report", "follow_up": "report", "facts": "facts", "message": "text"}
        name = wanted[self.kind]
        if getattr(self, name) is None:
            raise ValueError(f"an inject of kind {self.kind} needs {name}")
        return self

    @property
    def offset(self) -> timedelta:
        """Return the time after the start, in drill time."""
        return minutes(self.at)


class Expectation(Input):
    """What should be done, by which action, until which drill minute."""

    id: Identifier
    text: Line
    action: Line
    within: Offset


class Scenario(Input):
    """One drill to play."""

    id: Identifier
    title: Line
    form: Literal["tabletop", "operational"]
    purpose: Literal["test", "show", "study"]
    summary: Paragraph
    speed: Annotated[float, Field(ge=SLOWEST, le=FASTEST)]
    injects: Annotated[tuple[Inject, ...], Field(min_length=1)]
    expectations: tuple[Expectation, ...] = ()

    @model_validator(mode="after")
    def _is_in_order(self) -> "Scenario":
        times = [inject.offset for inject in self.injects]
        if times != sorted(times):
            raise ValueError("the injects are not in the order of time")
        if self.injects[0].kind != "report":
            raise ValueError("the first inject has to be a report")
        for inject in self.injects:
            if inject.report is not None:
                ReportInput.model_validate(inject.report)
        return self


@dataclass(frozen=True, slots=True)
class BadScenario(Exception):
    """A scenario file that cannot be played, with what is wrong."""

    file: str
    problems: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(f"{self.file}: {problem}" for problem in self.problems)


def minutes(text: str) -> timedelta:
    """Return the length of "20m"."""
    return timedelta(minutes=int(text.removesuffix("m")))


def load(path: Path) -> Scenario:
    """Read a scenario; raise BadScenario."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Scenario.model_validate(raw)
    except ValidationError as error:
        problems = tuple(
            f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()
        )
        raise BadScenario(path.name, problems) from error
    except yaml.YAMLError as error:
        raise BadScenario(path.name, (str(error),)) from error


def shipped(folder: Path = FOLDER) -> Mapping[str, Scenario]:
    """Return the scenarios of a folder by their id."""
    found = (load(path) for path in sorted(folder.glob("*.yaml")))
    return {scenario.id: scenario for scenario in found}
