"""The parts of a draft as plain values: find one, put one in its place, take one out."""

import hashlib
from collections.abc import Mapping
from typing import Any

from drills.scenario.schema import (
    Background,
    Expectation,
    Inject,
    Objective,
    Part,
    Person,
    Scenario,
    Segment,
)
from drills.scenario.text import cell, dump
from incident.inputs.base import Input
from workflows.source import parse

Content = dict[str, Any]
MODELS: Mapping[str, type[Input]] = {
    "segments": Segment,
    "parts": Part,
    "cast": Person,
    "objectives": Objective,
    "background": Background,
    "injects": Inject,
    "expectations": Expectation,
}
SINGULAR = {name: model.__name__.lower() for name, model in MODELS.items()}


def content(text: str) -> Content | None:
    """Return a draft as values that forms can show; None: its text alone can be worked on."""
    source = parse(text)
    found = source.content
    if source.mistakes or not isinstance(found, dict):
        return None
    for section in MODELS:
        items = found.get(section, [])
        if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
            return None
    return found


def text_of(values: Mapping[str, Any]) -> str:
    """Return a draft as text, its keys in the usual order."""
    known = _ordered(values, Scenario)
    for section, model in MODELS.items():
        if section in known:
            known[section] = [_ordered(one, model) for one in known[section]]
    return dump(known)


def items(values: Mapping[str, Any], section: str) -> list[Content]:
    """Return the items of a section."""
    return list(values.get(section) or ())


def mark(item: Mapping[str, Any]) -> str:
    """Return what tells whether an item is still the same."""
    return hashlib.sha256(cell(dict(item)).encode()).hexdigest()[:16]


def locate(values: Mapping[str, Any], section: str, place: int | None, was: str) -> int | None:
    """Return where an item stands that stood at a place; None where it is there no more."""
    found = items(values, section)
    if place is None or (place < len(found) and mark(found[place]) == was):
        return place
    return next((number for number, one in enumerate(found) if mark(one) == was), None)


def put(
    values: Mapping[str, Any], section: str, place: int | None, item: Mapping[str, Any]
) -> Content:
    """Return the draft with an item in its place; None: at the end."""
    found = items(values, section)
    if place is None:
        found.append(dict(item))
    else:
        found[place] = dict(item)
    return {**values, section: found}


def drop(values: Mapping[str, Any], section: str, place: int) -> Content:
    """Return the draft without an item."""
    found = items(values, section)
    return {**values, section: found[:place] + found[place + 1 :]}


def defaults(section: str) -> Content:
    """Return what an item says where it says nothing, of the fields that are words."""
    fields = MODELS[section].model_fields if section in MODELS else {}
    return {name: one.default for name, one in fields.items() if isinstance(one.default, str)}


def free_id(values: Mapping[str, Any], section: str) -> str:
    """Return an id that no item of the section has."""
    taken = {one.get("id") for one in items(values, section)}
    number = len(taken) + 1
    while f"{SINGULAR[section]}-{number}" in taken:
        number += 1
    return f"{SINGULAR[section]}-{number}"


def _ordered(values: Mapping[str, Any], model: type[Input]) -> Content:
    names = list(model.model_fields)
    known = {name: values[name] for name in names if name in values}
    return {**known, **{name: value for name, value in values.items() if name not in known}}
