"""What is expected in a scenario that is made of an incident: what was done then, and how soon."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from drills.from_incident.disguise import word
from drills.from_incident.material import Material
from drills.scenario.condition_reading import BRIEFINGS
from drills.scenario.evaluation import items
from incident.words import label
from workflows.lifecycle import Role
from workflows.plan import Plan

LATEST = 9900  # minutes: what came later cannot be planned
STEP = 5
SOON = 30
MOST_COUNTED = 3
STEPS: Mapping[str, tuple[str, str | None]] = {
    "verify": ("grading", "duty"),
    "dismiss": ("grading", "leader"),
    "approve_grade": ("grading", "command"),
    "activate": ("command", "command"),
    "convene": ("investigation", "command"),
    "dispose": ("command", "command"),
    "terminate": ("ending", "command"),
}
"""The objective that a step shows, and the part that takes it."""
PLAYERS = {
    "duty": ("duty", Role.DUTY_OFFICER),
    "leader": ("leader-desk", Role.DUTY_LEADER),
    "command": ("command-desk", Role.COMMANDER),
    "group": ("group", Role.GROUP_MEMBER),
    "chair": ("chair", Role.CHAIR),
}
FULL = 100
Wanted = dict[str, Any]


def parts(material: Material) -> Iterator[dict[str, Any]]:
    """Yield the roles; an expert's chair only where experts met."""
    for id, (title, desk) in PLAYERS.items():
        if id != "chair" or material.concluded is not None:
            yield {"id": id, "title": word(title), "plays": "player", "desk": str(desk)}
    yield {"id": "control", "title": word("control"), "plays": "controller"}
    yield {"id": "judge", "title": word("judge"), "plays": "evaluator"}


def expectations(
    material: Material, plan: Plan | None, injects: Iterable[Mapping[str, Any]]
) -> Iterator[Wanted]:
    """Yield what was done, with its minutes rounded up, and the clocks that were kept."""
    for step, (objective, part) in STEPS.items():
        if step in material.steps:
            yield from _done(step, {"action": step}, material.steps[step], objective, part)
    if material.concluded is not None:
        when = {"consultation": "concluded"}
        yield from _done("concluded", when, material.concluded, "investigation", "chair")
    for kind, minute in material.briefings.items():
        if kind in BRIEFINGS:
            named = label("briefing_kinds", kind)
            when = {"briefing": kind}
            yield from _done("briefing", when, minute, "reporting", None, key=kind, named=named)
    if plan is not None:
        yield from _of_plan(material, plan)
    yield from _counted(injects)


def objectives(wanted: Sequence[Wanted]) -> Iterator[dict[str, Any]]:
    """Yield the objectives that are asked for, with the usual weights made 100 together."""
    used = {one["objective"] for one in wanted} or {"reporting"}
    usual = {id: item.weight for id, item in items().items() if id in used}
    total, left = sum(usual.values()), FULL
    for number, (id, weight) in enumerate(usual.items(), 1):
        share = left if number == len(usual) else round(weight * FULL / total)
        left -= share
        yield {"id": id, "text": word(id), "weight": share, "item": id}


def _of_plan(material: Material, plan: Plan) -> Iterator[Wanted]:
    clocks = {one.id for one in plan.clocks}
    measures = {one.id for one in plan.measures}
    for rule, due in material.clocks.items():
        if rule in clocks and 0 < due <= LATEST:
            text = word("clock", id=rule)
            yield _wanted(f"clock-{rule}", text, {"clock": rule}, due, "reporting", None)
    for measure, (minute, is_shown) in material.tasks.items():
        if measure in measures:
            when = {"task": measure, "evidence": is_shown}
            yield from _done("task", when, minute, "scene", "group", key=measure, named=measure)


def _counted(injects: Iterable[Mapping[str, Any]]) -> Iterator[Wanted]:
    """Ask for the number of ill whenever a further report raises it."""
    highest, found = -1, []
    for inject in injects:
        ill = ((inject.get("report") or {}).get("counts") or {}).get("ill")
        if isinstance(ill, int) and ill > highest:
            if highest >= 0:
                found.append((inject["id"], ill))
            highest = ill
    for id, ill in found[-MOST_COUNTED:]:
        when = {"fact": "ill", "at_least": ill}
        wanted = _wanted(f"counted-{id}", word("counted"), when, SOON, "reporting", "duty")
        yield {**wanted, "since": f"inject:{id}"}


def _done(
    word_key: str,
    when: Mapping[str, object],
    minute: int,
    objective: str,
    part: str | None,
    *,
    key: str = "",
    named: str = "",
) -> Iterator[Wanted]:
    within = -(-max(minute, 1) // STEP) * STEP
    if within <= LATEST:
        id = f"{word_key}-{key}" if key else word_key
        text = word(word_key, n=within, id=named)
        yield _wanted(id, text, when, within, objective, part)


def _wanted(
    id: str,
    text: str,
    when: Mapping[str, object],
    within: int,
    objective: str,
    part: str | None,
) -> Wanted:
    return {
        "id": id.lower().replace("_", "-"),
        "text": text,
        "when": dict(when),
        "within": f"{within}m",
        "since": "start",
        **({"parts": [part]} if part else {}),
        "objective": objective,
    }
