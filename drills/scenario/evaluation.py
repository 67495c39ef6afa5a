"""The usual items of evaluation, with the weights and indicators that the field proposes."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field

from incident.inputs.base import Input, Line, Short
from workflows.plan import Confidence

TABLE = Path(__file__).parents[1] / "tables" / "evaluation.yaml"


class EvaluationItem(Input):
    """One item; `weight` is its proposed share of 100 points."""

    id: Short
    title: Line
    weight: Annotated[int, Field(ge=1, le=100)]
    indicators: tuple[Line, ...]
    basis: Line
    confidence: Confidence


@cache
def items() -> Mapping[str, EvaluationItem]:
    """Return the items by their id, in the order of the table."""
    rows = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return {item.id: item for item in map(EvaluationItem.model_validate, rows)}
