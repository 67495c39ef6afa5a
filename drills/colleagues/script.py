"""The scripts of colleagues: what each deed waits for, how long, and what it brings."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field

from drills.scenario.schema import Identifier, Offset, When, minutes
from incident.inputs.base import Input

FOLDER = Path(__file__).parent / "scripts"
COMMON = "colleagues"


class Deed(Input):
    """One thing that a colleague does, `after` so long, `then` longer for each further one.

    It counts from the moment at which it becomes possible; with `when` or `inject`, from when
    that came true or was brought. `never` leaves it out.
    """

    after: Offset
    then: Offset = "0m"
    when: When | None = None
    inject: Identifier | None = None
    brings: dict[str, Any] = Field(default_factory=dict)
    never: bool = False

    def delay(self, place: int = 0) -> timedelta:
        """Return how long the deed at a place, from 0, takes."""
        return minutes(self.after) + minutes(self.then) * place


Script = Mapping[str, Deed]


@cache
def script_of(scenario: str, folder: Path = FOLDER) -> Script:
    """Return what colleagues do in a scenario: the common deeds, changed where it says so."""
    deeds = _read(folder / f"{COMMON}.yaml")
    own = folder / f"{scenario}.yaml"
    for name, change in (_read(own) if own.is_file() else {}).items():
        brings = {**deeds[name].get("brings", {}), **change.get("brings", {})}
        deeds[name] = {**deeds[name], **change, "brings": brings}
    return {name: Deed.model_validate(raw) for name, raw in deeds.items()}


def _read(path: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    return found
