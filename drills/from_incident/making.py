"""A scenario made of an incident that is over: times as they were, names and numbers replaced."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from drills.from_incident.disguise import PHONE, PHONES, Disguise, ordinal, word
from drills.from_incident.material import Learnt, Material, Told
from drills.from_incident.wants import LATEST, expectations, objectives, parts
from drills.scenario.text import dump
from drills.writing.drafts import TO_FILL
from incident.words import label
from workflows.library import Library, PlanNotFound
from workflows.plan import Plan

MARGIN = 30
SPEED = 4
Values = dict[str, Any]
Placed = tuple[int, Values]
Waiting = tuple[int, Callable[[], Values]]


def text(material: Material, name: str, library: Library) -> str:
    """Return the draft of a scenario as YAML; a director has to review it before it is played."""
    return f"# {word('remark')}\n{dump(values(material, name, library))}"


def values(material: Material, name: str, library: Library) -> Values:
    """Return the scenario of an incident as plain values."""
    disguise, plan = Disguise(material.secrets), _plan(material, library)
    placed, left_out = _placed(material, disguise)
    injects = [{"id": one["id"], "at": f"{minute}m", **one} for minute, one in placed]
    wanted = list(expectations(material, plan, injects))
    known = {f"inject:{one['id']}": minute for minute, one in placed}
    dues = [known.get(one["since"], 0) + int(one["within"].removesuffix("m")) for one in wanted]
    lasts = max([*known.values(), *dues]) + MARGIN
    return {
        "id": name,
        "title": _title(material),
        "kind": material.kind,
        "form": "tabletop",
        "content": "comprehensive",
        "purpose": "test",
        **({"plan": plan.id} if plan else {}),
        "summary": _summary(material),
        "speed": SPEED,
        "segments": [{"id": "main", "title": word("segment"), "lasts": f"{lasts}m"}],
        "parts": list(parts(material)),
        "cast": list(_cast(disguise)),
        "objectives": list(objectives(wanted)),
        "background": [_left_out(left_out)] if left_out else [],
        "injects": injects,
        "expectations": wanted,
    }


def _placed(material: Material, disguise: Disguise) -> tuple[list[Placed], int]:
    """Return the injects with their minutes, and how many could not be planned.

    They are made in the order of time: whether a count falls hangs on what was told before.
    """
    every = [*_told(material, disguise), *_learnt(material, disguise), *_asked(material)]
    every.sort(key=lambda waiting: waiting[0])
    found = [(minute, make()) for minute, make in every if minute <= LATEST]
    kept = [(minute, one) for minute, one in found if one]
    return kept, len(every) - len(kept)


def _told(material: Material, disguise: Disguise) -> Iterator[Waiting]:
    for number, one in enumerate(material.told):
        yield one.minute, partial(_report, disguise, number, one)


def _report(disguise: Disguise, number: int, one: Told) -> Values:
    is_first = number == 0
    kind = "initial" if is_first else one.report.get("report_type") or "progress"
    return {
        "id": "first-report" if is_first else f"report-{number + 1}",
        "via": "report" if is_first else "follow_up",
        "sender": disguise.sender(one.report),
        "report": {**disguise.report(one.report), "report_type": kind},
    }


def _learnt(material: Material, disguise: Disguise) -> Iterator[Waiting]:
    for number, one in enumerate(material.learnt, 1):
        yield one.minute, partial(_result, disguise, number, one)


def _result(disguise: Disguise, number: int, one: Learnt) -> Values:
    """Return what brings the facts; nothing where none of them may be brought."""
    facts = disguise.facts(one.facts)
    bring = {"via": "lab_result", "sender": word("laboratory"), "facts": facts}
    return {"id": f"facts-{number}", **bring} if facts else {}


def _asked(material: Material) -> Iterator[Waiting]:
    for number, minute in enumerate(material.asked, 1):
        asks = {"via": "leader_question", "sender": word("leader"), "text": TO_FILL}
        yield minute, partial(dict, {"id": f"leader-{number}", **asks})


def _cast(disguise: Disguise) -> Iterator[Values]:
    for number, organisation in sorted(disguise.people.items())[:PHONES]:
        yield {
            "id": f"contact-{number + 1}",
            "name": word("person", n=ordinal(number)),
            "who": word("contact-of", organisation=organisation),
            "phone": PHONE.format(number % PHONES),
        }


def _title(material: Material) -> str:
    setting = label("settings", material.setting) if material.setting else ""
    return word("title", setting=setting, kind=label("kinds", material.kind))


def _summary(material: Material) -> str:
    counts = [one.report.get("counts") or {} for one in material.told]
    ill = [one["ill"] for one in counts if isinstance(one.get("ill"), int)]
    most = max(ill) if ill else word("unknown")
    return word("summary", told=len(material.told), ill=most)


def _left_out(number: int) -> Values:
    return {"text": word("left-out", n=number), "basis": word("basis"), "confidence": "P"}


def _plan(material: Material, library: Library) -> Plan | None:
    try:
        return library.plan(material.plan)
    except PlanNotFound:
        return None
