"""Conditions in the forms of the editor: rows of the simple kinds, joined by all or any.

What is nested deeper than that is shown and taken as a line of YAML.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drills.scenario.text import cell
from drills.writing.fields import CONDITIONS, Ask
from drills.writing.values import fact_value, number
from workflows.source import parse

JOINTS = ("all", "any")
MOST = 12
KEYS = {"at_least": "fact", "equals": "fact"}
Raw = dict[str, Any]
Show = Callable[[Sequence[Ask], Mapping[str, Any], str], Sequence[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One simple condition; `kind` "" is an empty row."""

    name: str
    kind: str
    fields: Sequence[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCondition:
    """A condition in rows; `raw` is its YAML where rows cannot show it."""

    joint: str
    rows: tuple[Row, ...]
    raw: str


def show(held: Any, name: str, fields: Show) -> ShownCondition:
    """Return a condition as a page shows it, with an empty row below."""
    leaves = _leaves(held)
    if leaves is None:
        return ShownCondition(joint="all", rows=(), raw=cell(held))
    rows = [_row(f"{name}.{number}", leaf, fields) for number, leaf in enumerate(leaves)]
    if len(rows) < MOST:
        rows.append(Row(name=f"{name}.{len(rows)}", kind="", fields=()))
    joint = "any" if isinstance(held, Mapping) and "any" in held else "all"
    return ShownCondition(joint=joint, rows=tuple(rows), raw="")


def read(form: Any, name: str) -> Any:
    """Return the condition that was filled in; None where none was."""
    if raw := form.get(f"{name}.raw", "").strip():
        found = parse(raw)
        return raw if found.mistakes else found.content
    leaves = [
        _leaf(kind, form, f"{name}.{number}.")
        for number in range(MOST)
        if (kind := form.get(f"{name}.{number}.kind", "")) in CONDITIONS
    ]
    if len(leaves) > 1:
        joint = form.get(f"{name}.joint", "all")
        return {joint if joint in JOINTS else "all": leaves}
    return leaves[0] if leaves else None


def _leaves(held: Any) -> list[Mapping[str, Any]] | None:
    """Return the simple conditions; None where it is no such thing."""
    if held is None:
        return []
    if not isinstance(held, Mapping):
        return None
    joint = next((one for one in JOINTS if one in held), None)
    if joint is None:
        return [held] if _kind(held) else None
    parts = held[joint]
    if not isinstance(parts, list) or len(held) > 1 or len(parts) > MOST:
        return None
    return parts if all(isinstance(one, Mapping) and _kind(one) for one in parts) else None


def _kind(leaf: Mapping[str, Any]) -> str:
    """Return the kind of a simple condition, "" for what is none."""
    if "fact" in leaf:
        return "at_least" if "at_least" in leaf else "equals"
    return next((kind for kind in CONDITIONS if kind in leaf and kind not in KEYS), "")


def _row(name: str, leaf: Mapping[str, Any], fields: Show) -> Row:
    kind = _kind(leaf)
    held = {**leaf, "evidence": leaf.get("evidence", True)} if kind == "task" else leaf
    return Row(name=name, kind=kind, fields=fields(CONDITIONS[kind], held, f"{name}."))


def _leaf(kind: str, form: Any, prefix: str) -> Raw:
    if kind == "consultation":
        return {"consultation": "concluded"}
    found: Raw = {}
    for ask in CONDITIONS[kind]:
        told = _told(ask, form, prefix)
        if told is not None:
            found[ask.name] = told
    first = KEYS.get(kind, kind)
    if kind in KEYS:
        found.setdefault(kind, None)
    return {first: found.pop(first, ""), **found}


def _told(ask: Ask, form: Any, prefix: str) -> Any:
    name = prefix + ask.name
    if ask.name == "evidence":
        is_new = f"{prefix}task" not in form
        return None if is_new or form.get(name) else False
    if ask.kind == "some":
        return form.getlist(name) or None
    typed = form.get(name, "").strip()
    if not typed:
        return None
    if ask.name == "equals":
        return fact_value(form.get(f"{prefix}fact", ""), typed)
    return number(typed) if ask.kind == "number" else typed
