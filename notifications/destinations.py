"""What each provider can do for a number: one table, by the beginning of the number."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

TABLE = Path(__file__).with_name("destinations.yaml")
ANYWHERE = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """What a provider can do for a number.

    `sends` at all; `link` may stand in its text; `reply` comes back to us; a call's `keypad`
    is heard. `basis` says where that is written, `confidence` how sure it is: V read in the
    text, V~ second-hand, M from general knowledge.
    """

    sends: bool
    link: bool
    reply: bool
    keypad: bool
    basis: str
    confidence: str


def can(provider: str, to: str) -> Capability:
    """Say what a provider can do for a number; the longest beginning that fits decides.

    What is no number, such as an address of mail, is one of anywhere. Raises KeyError for a
    provider that the table does not know.
    """
    rows = _table()[provider]
    return rows[max((prefix for prefix in rows if to.startswith(prefix)), key=len)]


@cache
def _table() -> dict[str, dict[str, Capability]]:
    found = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    table = {
        provider: {row["prefix"]: _capability(row) for row in rows}
        for provider, rows in found.items()
    }
    lacking = [provider for provider, rows in table.items() if ANYWHERE not in rows]
    if lacking:
        raise ValueError(f"no row for all other numbers: {', '.join(lacking)}")
    return table


def _capability(row: Mapping[str, Any]) -> Capability:
    return Capability(**{name: value for name, value in row.items() if name != "prefix"})
