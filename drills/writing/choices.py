"""What the fields of the editor can be chosen from: the desk's own words, the plan, the draft."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from drills.scenario.condition_reading import BRIEFINGS, CONTENTS
from drills.scenario.evaluation import items as evaluation_items
from drills.scenario.schema import Via
from drills.writing.parts import items
from incident.inputs.facts import TEXTS
from incident.inputs.report import CountBasis, Setting, Source
from incident.words import label, vocabulary
from workflows.facts import FACTS
from workflows.library import Library, PlanNotFound
from workflows.lifecycle import EXCLUSIVE_ROLES, Action, Role, State
from workflows.plan import CalloutEvent, Confidence, Kind, Plan

Pairs = Sequence[tuple[str, str]]
GRADES_OF_TABLES = ("A", "B", "C")
COUNTS = tuple(name for name, fact in FACTS.items() if fact.kind == "count")


def choices(values: Mapping[str, Any], library: Library, language: str) -> Mapping[str, Pairs]:
    """Return everything that can be chosen, by the name of its source."""
    return {
        **_of_words(language),
        **_of_draft(values, language),
        **_of_plan(values, library, language),
    }


def _of_words(language: str) -> Mapping[str, Pairs]:
    def named(group: str, keys: Iterable[object]) -> Pairs:
        return [(str(key), label(group, key, language)) for key in keys]

    contents = "facts", "briefing_fields"
    known = vocabulary()["facts"]
    return {
        "kinds": named("kinds", Kind),
        "forms": named("drills", ("tabletop", "operational")),
        "contents": named("scenarios", ("single", "comprehensive")),
        "purposes": named("drills", ("test", "show", "study")),
        "sources": named("sources", get_args(Source)),
        "report_types": named("report_types", ("initial", "progress", "final")),
        "settings": named("settings", get_args(Setting)),
        "count_bases": named("count_bases", get_args(CountBasis)),
        "plays": named("scenarios", ("player", "simulator", "controller", "evaluator")),
        "desks": named("roles", (role for role in Role if role not in EXCLUSIVE_ROLES)),
        "items": [(one.id, one.title) for one in evaluation_items().values()],
        "confidences": [
            *((str(one), f"{one} {label('confidences', one, language)}") for one in Confidence),
            *((one, label("scenarios", f"grade-{one}", language)) for one in GRADES_OF_TABLES),
        ],
        "vias": named("drills", get_args(Via)),
        "tos": named("scenarios", ("players", "simulators")),
        "ofs": named("scenarios", ("any", "all")),
        "states": named("states", State),
        "actions": named("actions", Action),
        "counts": named("facts", COUNTS),
        "facts": named("facts", (*FACTS, *TEXTS)),
        "events": named("conditions", CalloutEvent),
        "briefings": named("briefing_kinds", BRIEFINGS),
        "contents_of_briefings": [
            (name, label(contents[name not in known], name, language)) for name in CONTENTS
        ],
    }


def _of_draft(values: Mapping[str, Any], language: str) -> Mapping[str, Pairs]:
    injects = _named(items(values, "injects"), "sender", "text")
    parts = items(values, "parts")
    moments = [(key, label("scenarios", f"since-{key}", language)) for key in ("start", "segment")]
    return {
        "segments": _named(items(values, "segments"), "title"),
        "objectives": _named(items(values, "objectives"), "text"),
        "injects": injects,
        "moments": [*moments, *((f"inject:{key}", text) for key, text in injects)],
        "players": _named([one for one in parts if one.get("plays") == "player"], "title"),
        "simulators": _named([one for one in parts if one.get("plays") == "simulator"], "title"),
    }


def _named(found: Iterable[Mapping[str, Any]], *keys: str) -> Pairs:
    """Return ids with what they say, in a line that is not too long."""
    pairs = []
    for one in found:
        told = next((str(one[key]) for key in keys[::-1] if one.get(key)), "")
        pairs.append((str(one.get("id", "")), f"{one.get('id', '')}  {told[:24]}".strip()))
    return pairs


def _of_plan(values: Mapping[str, Any], library: Library, language: str) -> Mapping[str, Pairs]:
    fit = [one for one in library.plans if str(values.get("kind")) in map(str, one.kinds)]
    plan = _plan(values, library)
    return {
        "plans": [(one.id, f"{one.title} {one.edition}") for one in fit],
        "tasks": [(one.id, f"{one.id}  {one.text[:40]}") for one in plan.measures] if plan else [],
        "clocks": [(one.id, f"{one.id}  {one.title}") for one in plan.clocks] if plan else [],
    }


def _plan(values: Mapping[str, Any], library: Library) -> Plan | None:
    try:
        return library.plan(str(values.get("plan")))
    except PlanNotFound:
        return None
