"""What a drill's outbreak is made of: agents with their graded numbers, and settings."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field

from incident.inputs.base import Input, Line, Short
from incident.inputs.report import Setting

TABLES = Path(__file__).parents[1] / "tables"
Share = Annotated[float, Field(gt=0, lt=1)]
Hours = Annotated[float, Field(gt=0)]


class Agent(Input):
    """What makes people ill. `grade` tells how well incubation and spread are known.

    `incubation`: hours, as least, usual low, median, usual high, most. `spread` is the geometric
    standard deviation within an outbreak.
    """

    id: Short
    name: Line
    incubation: tuple[Hours, Hours, Hours, Hours, Hours]
    spread: Annotated[float, Field(gt=1)]
    grade: Literal["A", "B", "C"]
    basis: Line
    symptoms: Mapping[str, Share]
    symptom_basis: Line | None = None
    vehicles: Line
    specimens: Line
    test: Line
    laboratory: Literal["culture", "pcr", "toxin"]
    foods: tuple[Short, ...]

    @property
    def median(self) -> float:
        """Return the median incubation in hours."""
        return self.incubation[2]


class Food(Input):
    """A dish; `eaten` is the share of people who eat of it, `pair` one mostly eaten with it."""

    id: Short
    name: Line
    kind: Short
    eaten: Share
    pair: Short | None = None


class Place(Input):
    """Where people eat together; `setting` is the word of the report."""

    id: Short
    persons: Annotated[int, Field(ge=10, le=5000)]
    place: Line
    address: Line
    meal: Line
    setting: Setting
    foods: tuple[Food, ...]

    def vehicles(self, agent: Agent) -> tuple[Food, ...]:
        """Return the dishes that may carry an agent; none: it does not suit the place."""
        return tuple(food for food in self.foods if food.kind in agent.foods)


@cache
def agents() -> Mapping[str, Agent]:
    """Return the agents by their id."""
    return {one.id: one for one in map(Agent.model_validate, _table("agents")["agents"])}


@cache
def places() -> Mapping[str, Place]:
    """Return the settings by their id."""
    return {one.id: one for one in map(Place.model_validate, _table("outbreak_settings"))}


@cache
def symptom_words() -> Mapping[str, str]:
    """Return how hospitals write each symptom."""
    return {str(name): str(word) for name, word in _table("agents")["words"].items()}


def _table(name: str) -> Any:
    return yaml.safe_load((TABLES / f"{name}.yaml").read_text(encoding="utf-8"))
