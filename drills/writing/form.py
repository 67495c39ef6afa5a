"""Between the forms of the editor and the plain values of a scenario, both ways.

What a form does not ask for stays as it was, and what cannot be read is kept as it was typed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drills.scenario.msel_import import LIST
from drills.writing import conditions
from drills.writing.fields import ROWS, Ask
from drills.writing.values import fact_value, minutes, number

Raw = dict[str, Any]
Choices = Mapping[str, Sequence[tuple[str, str]]]
SPARE = 2  # empty rows that are shown below those that are filled


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One field as a page shows it; `value` is as its kind needs it."""

    ask: Ask
    name: str
    value: Any
    choices: Sequence[tuple[str, str]]


def read(asked: Iterable[Ask], form: Any, old: Mapping[str, Any], prefix: str = "") -> Raw:
    """Return an item as the form says it, on top of what it was."""
    found: Raw = _copy(old)
    for ask in asked:
        _set(found, ask.name.split("."), value(ask, form, prefix + ask.name))
    return found


def value(ask: Ask, form: Any, name: str) -> Any:
    """Return what was typed into a field; None where it is empty."""
    match ask.kind:
        case "yes":
            return True if form.get(name) else None
        case "some":
            return form.getlist(name) or None
        case "names":
            return [one for one in LIST.split(form.get(name, "").strip()) if one] or None
        case "rows":
            return _rows(ask.name, form, name)
        case "condition":
            return conditions.read(form, name)
    typed = form.get(name, "").replace("\r\n", "\n").strip()
    if not typed:
        return None
    if ask.kind == "minutes":
        return minutes(typed)
    return number(typed) if ask.kind == "number" else typed


def show(
    asked: Iterable[Ask], item: Mapping[str, Any], choices: Choices, prefix: str = ""
) -> list[Shown]:
    """Return the fields of an item with what they hold."""
    return [_shown(ask, at(item, ask.name), choices, prefix) for ask in asked]


def at(item: Mapping[str, Any], path: str) -> Any:
    """Return what stands at a path such as "report.counts.ill"; None for nothing."""
    found: Any = item
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def with_present(choices: Sequence[tuple[str, str]], present: Any) -> list[tuple[str, str]]:
    """Return the choices, and what is chosen now although it is none of them."""
    known = {key for key, _ in choices}
    now = present if isinstance(present, list | tuple) else [present]
    return [*choices, *((str(one), f"{one} ?") for one in now if one and str(one) not in known)]


def _shown(ask: Ask, held: Any, choices: Choices, prefix: str) -> Shown:
    known = list(choices.get(ask.choices, ()))
    name = prefix + ask.name
    if ask.kind == "condition":
        told = conditions.show(
            held, name, lambda asked, leaf, inner: show(asked, leaf, choices, inner)
        )
        return Shown(ask=ask, name=name, value=told, choices=known)
    if ask.kind == "rows":
        return Shown(ask=ask, name=name, value=_filled(ask.name, held), choices=known)
    if ask.kind in ("choice", "some"):
        known = with_present(known, held)
    return Shown(ask=ask, name=name, value=_value(ask, held), choices=known)


def _value(ask: Ask, held: Any) -> Any:
    match ask.kind:
        case "yes":
            return held is True
        case "some":
            return [str(one) for one in held] if isinstance(held, list | tuple) else []
        case "names":
            return " ".join(map(str, held)) if isinstance(held, list | tuple) else held or ""
        case "minutes":
            return str(held).removesuffix("m") if held is not None else ""
    return "" if held is None else str(held)


def _filled(name: str, held: Any) -> list[dict[str, str]]:
    """Return the rows that are filled, and spare ones."""
    columns = ROWS[name]
    if isinstance(held, Mapping):
        found = [dict(zip(columns, map(str, pair), strict=True)) for pair in held.items()]
    else:
        rows = [one for one in held or () if isinstance(one, Mapping)]
        found = [{column: str(row.get(column, "")) for column in columns} for row in rows]
    return [*found, *(dict.fromkeys(columns, "") for _ in range(SPARE))]


def _rows(kind: str, form: Any, name: str) -> Any:
    columns = ROWS[kind]
    found, count = [], 0
    while f"{name}.{count}.{columns[0]}" in form:
        row = {column: form.get(f"{name}.{count}.{column}", "").strip() for column in columns}
        found.append({column: text for column, text in row.items() if text})
        count += 1
    kept = [row for row in found if row]
    if kind == "facts":
        pairs = ((row.get("fact", ""), row.get("value", "")) for row in kept)
        return {fact: fact_value(fact, text) for fact, text in pairs} or None
    return kept or None


def _copy(held: Mapping[str, Any]) -> Raw:
    return {name: _copy(one) if isinstance(one, Mapping) else one for name, one in held.items()}


def _set(found: Raw, path: Sequence[str], told: Any) -> None:
    """Put a value at a path; None takes it away, and what is empty around it."""
    name, *rest = path
    if not rest:
        found.pop(name, None)
        if told is not None:
            found[name] = told
        return
    inner = found.get(name)
    inner = inner if isinstance(inner, dict) else {}
    _set(inner, rest, told)
    if inner:
        found[name] = inner
    else:
        found.pop(name, None)
