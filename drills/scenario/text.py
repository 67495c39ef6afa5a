"""Write a scenario as the YAML that the reader reads again."""

from collections.abc import Mapping
from typing import Any

import yaml
from pydantic import BaseModel

from drills.scenario.schema import Scenario

WIDTH = 100


def to_yaml(scenario: Scenario, *, remark: str = "") -> str:
    """Return the file of a scenario; what is as usual is left out. `remark` becomes its head."""
    head = "".join(f"# {line}\n" for line in remark.splitlines())
    return head + dump(written(scenario))


def written(value: BaseModel) -> dict[str, Any]:
    """Return a part of a scenario as plain values, without what is as usual."""
    return value.model_dump(mode="json", exclude_defaults=True, exclude_none=True)


def dump(values: Mapping[str, Any] | list[Any]) -> str:
    """Return plain values as YAML, the same for the same values."""
    return yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=WIDTH)


def cell(value: object) -> str:
    """Return a value in one line of YAML, for a cell of a sheet; nothing for None."""
    if value is None or value == {}:
        return ""
    line = yaml.safe_dump(
        value, allow_unicode=True, sort_keys=False, default_flow_style=True, width=10**6
    )
    return line.removesuffix("\n").removesuffix("\n...")
