"""Turn a made-up outbreak into a scenario, with the injects as hospitals would report them."""

from collections.abc import Iterator, Mapping
from typing import Any

from drills.generating.agents import symptom_words
from drills.generating.outbreak import Outbreak
from drills.generating.outbreak_seen import Count, View, observe
from drills.generating.story_words import word
from drills.scenario.schema import Scenario
from drills.scenario.text import dump
from workflows.lifecycle import Role

DIVISION = "999901"
PLAN = "food-CN@2011"
AFTER = 120  # minutes that the drill lasts after the last news
RUMOUR, QUESTION = 40, 15


def scenario(outbreak: Outbreak) -> Scenario:
    """Return the scenario of an outbreak; nothing in it gives the truth to players."""
    view = observe(outbreak)
    place, seed = outbreak.place, outbreak.seed
    last = max(view.laboratory.minute, view.counts[-1].minute if view.counts else 0)
    raw = {
        "id": name(outbreak),
        "title": word("title", place=place.place, meal=place.meal, seed=seed),
        "kind": "food",
        "form": "tabletop",
        "content": "comprehensive",
        "purpose": "test",
        "double_blind": True,
        "plan": PLAN,
        "summary": word("summary", meal=place.meal, seed=seed),
        "speed": 60,
        "segments": [{"id": "main", "title": word("segment"), "lasts": f"{last + AFTER}m"}],
        "parts": parts(),
        "objectives": objectives(),
        "background": [_background(outbreak)],
        "injects": list(_injects(outbreak, view)),
        "expectations": list(expectations(_first_update(view), sealed="A05", initial="FC-INITIAL")),
    }
    return Scenario.model_validate(raw)


def name(outbreak: Outbreak) -> str:
    """Return the id of the scenario of an outbreak."""
    return f"{outbreak.place.id}-{outbreak.agent.id.replace('_', '-')}-{outbreak.seed}"


def truth(outbreak: Outbreak) -> str:
    """Return what truly happened, as YAML for the controllers."""
    view = observe(outbreak)
    by = [guest.by for guest in outbreak.ill]
    attack = {food.id: outbreak.attack(food) for food in outbreak.place.foods}
    return dump(
        {
            "seed": outbreak.seed,
            "agent": outbreak.agent.id,
            "grade": outbreak.agent.grade,
            "basis": outbreak.agent.basis,
            "vehicle": outbreak.vehicle.id,
            "also_touched": outbreak.crossed.id,
            "rumoured": outbreak.rumoured.id,
            "ate": len(outbreak.guests),
            "ill": {why: by.count(why) for why in ("vehicle", "cross", "sporadic")},
            "first_call_hours_after_meal": round(view.first_call, 2),
            "attack": {
                dish: [None if share is None else round(share, 3) for share in both]
                for dish, both in attack.items()
            },
        }
    )


def parts() -> list[dict[str, Any]]:
    """Return the usual roles: three players and a controller."""
    desks = {
        "duty": Role.DUTY_OFFICER,
        "command": Role.COMMANDER,
        "group": Role.GROUP_MEMBER,
    }
    players = [
        {"id": part, "title": word(part), "plays": "player", "desk": str(desk)}
        for part, desk in desks.items()
    ]
    return [*players, {"id": "control", "title": word("control"), "plays": "controller"}]


def objectives() -> list[dict[str, Any]]:
    """Return four objectives, each by an item of the evaluation table."""
    weights = {"reporting": 30, "grading": 25, "scene": 20, "investigation": 25}
    return [
        {"id": item, "text": word(item), "weight": weight, "item": item}
        for item, weight in weights.items()
    ]


def expectations(
    update: tuple[str, int] | None, *, sealed: str, initial: str
) -> Iterator[dict[str, Any]]:
    """Yield what is expected; `update` is an inject that tells a number of ill, if there is one."""
    rows: list[tuple[str, Mapping[str, object], int, str, str]] = [
        ("verified", {"action": "verify"}, 30, "start", "grading"),
        ("graded", {"action": "approve_grade"}, 60, "start", "grading"),
        ("initial", {"clock": initial}, 120, "start", "reporting"),
        ("sealed", {"task": sealed, "evidence": True}, 120, "start", "scene"),
    ]
    if update is not None:
        inject, ill = update
        known = {"fact": "ill", "at_least": ill}
        rows.append(("counted", known, 30, f"inject:{inject}", "reporting"))
    for id, when, within, since, objective in rows:
        yield {
            "id": id,
            "text": word(id),
            "when": when,
            "within": f"{within}m",
            "since": since,
            "objective": objective,
        }


def _injects(outbreak: Outbreak, view: View) -> Iterator[dict[str, Any]]:
    for number, count in enumerate(view.counts):
        yield {
            "id": "first-call" if number == 0 else f"update-{number}",
            "at": f"{count.minute}m",
            "via": "report" if number == 0 else "hospital_update",
            "sender": word(f"hospital-{count.hospital}"),
            "report": _report(outbreak, view, count, is_first=number == 0),
        }
    asks = {"via": "leader_question", "sender": word("office"), "text": word("question")}
    yield {"id": "leader-asks", "at": f"{QUESTION}m", **asks}
    told = word("rumour", food=outbreak.rumoured.name)
    says = {"via": "media_post", "sender": word("monitor"), "text": told}
    yield {"id": "rumour", "at": f"{RUMOUR}m", **says}
    yield _result(outbreak, view)


def _result(outbreak: Outbreak, view: View) -> dict[str, Any]:
    found = view.laboratory
    told: dict[str, Any] = {"text": word("negative", tested=found.tested)}
    if found.positive:
        cause = word(
            "positive",
            tested=found.tested,
            positive=found.positive,
            agent=outbreak.agent.name,
        )
        told = {"facts": {"cause": cause}}
    by = {"via": "lab_result", "sender": word("laboratory")}
    return {"id": "laboratory", "at": f"{found.minute}m", **by, **told}


def _report(outbreak: Outbreak, view: View, count: Count, *, is_first: bool) -> dict[str, Any]:
    place = outbreak.place
    report: dict[str, Any] = {
        "kind": "food",
        "source": "hospital",
        "place": {"division": DIVISION, "address": place.address},
        "setting": place.setting,
        "unit": {"name": place.place},
        "counts": {"ill": count.ill, "visited": count.ill, "basis": "visited"},
        "symptoms": [symptom_words()[sign] for sign in view.symptoms],
    }
    if is_first:
        told = word("first-call", hours=round(view.first_call), meal=place.meal)
        return {**report, "suspect": {"meal": place.meal}, "narrative": told}
    report["report_type"] = "progress"
    return {**report, "correction": word("struck", n=count.struck)} if count.struck else report


def _first_update(view: View) -> tuple[str, int] | None:
    return ("update-1", view.counts[1].ill) if len(view.counts) > 1 else None


def _background(outbreak: Outbreak) -> dict[str, Any]:
    agent = outbreak.agent
    least, low, median, high, most = (f"{hours:g}" for hours in agent.incubation)
    told = word(
        "incubation",
        agent=agent.name,
        least=least,
        low=low,
        median=median,
        high=high,
        most=most,
        vehicles=agent.vehicles,
        specimens=agent.specimens,
        test=agent.test,
    )
    return {"text": told, "basis": agent.basis, "confidence": agent.grade}
