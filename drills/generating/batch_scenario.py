"""Turn a made-up batch cluster into a scenario: what hospitals telephone, and what is reported."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from drills.generating.batch_cluster import HOSPITALS, ONSET, Cluster, Reaction
from drills.generating.outbreak_scenario import DIVISION, QUESTION, expectations, objectives, parts
from drills.generating.story_words import word
from drills.scenario.schema import Scenario
from drills.scenario.text import dump

PLAN = "drug-CN@2011"
ALIKE = 2  # reactions alike in one hospital within a day make it telephone
DAY = 24.0
DAYS = (1, 2, 3)
AFTER = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the desk is told at an hour: how many together, by which hospital, which batches."""

    hour: float
    hospital: int
    ill: int
    batches: tuple[str, ...]


def scenario(cluster: Cluster) -> Scenario:
    """Return the scenario of a cluster; which batch it truly was, players are not told."""
    told = known(cluster)
    product, seed = cluster.product.product, cluster.seed
    last = _minute(told[-1].hour - told[0].hour)
    update = next((one for one in told[1:] if one.ill > told[0].ill), None)
    number = told.index(update) if update else 0
    raw = {
        "id": name(cluster),
        "title": word("batch-title", product=product, seed=seed),
        "kind": "drug",
        "form": "tabletop",
        "content": "comprehensive",
        "purpose": "test",
        "double_blind": True,
        "plan": PLAN,
        "summary": word("batch-summary", product=product, seed=seed),
        "speed": 60,
        "segments": [{"id": "main", "title": word("segment"), "lasts": f"{last + AFTER}m"}],
        "parts": parts(),
        "objectives": objectives(),
        "background": [
            {"text": word("batch-background"), "basis": word("batch-basis"), "confidence": "M"}
        ],
        "injects": list(_injects(cluster, told)),
        "expectations": list(
            expectations(
                (f"update-{number}", update.ill) if update else None,
                sealed="DA04",
                initial="DR-PUB2H",
            )
        ),
    }
    return Scenario.model_validate(raw)


def name(cluster: Cluster) -> str:
    """Return the id of the scenario of a cluster."""
    return f"batch-{cluster.product.id}-{cluster.seed}"


def truth(cluster: Cluster) -> str:
    """Return what truly happened, as YAML for the controllers."""
    by = [one.by for one in cluster.reactions]
    return dump(
        {
            "seed": cluster.seed,
            "product": cluster.product.id,
            "bad_batch": cluster.bad_batch,
            "times_usual": round(cluster.times_usual, 2),
            "noticed_after_hours": round(cluster.noticed_at, 2),
            "reports": {why: by.count(why) for why in ("defect", "usual", "stimulated")},
        }
    )


def report_list(cluster: Cluster) -> str:
    """Return the single reports as CSV, in the order in which they came, some of them twice."""
    page = io.StringIO()
    table = csv.writer(page, lineterminator="\n")
    table.writerow(["number", "hospital", "given", "onset", "reported", "terms", "batch"])
    for one in cluster.reactions:
        hours = (f"{at:.1f}" for at in (one.given_at, one.onset, one.reported_at))
        where = word(f"hospital-{one.hospital}")
        row = [f"R{one.number:03d}", where, *hours, " ".join(one.terms), one.batch or ""]
        table.writerows([row] * (2 if one.twice else 1))
    return page.getvalue()


def known(cluster: Cluster) -> tuple[Known, ...]:
    """Return what the desk is told and when: each hospital's call, then the count of each day.

    A ward that has called tells all it sees; the others are known by their single reports.
    """
    calls = {
        hospital: hour
        for hospital in range(HOSPITALS)
        if (hour := _noticed(cluster, hospital)) is not None
    }
    if not calls:
        every = sorted(one.onset for one in _bad(cluster))
        calls = {_bad(cluster)[0].hospital: every[ALIKE - 1]}
    first = min(calls.values())
    caller = min(calls, key=lambda hospital: calls[hospital])
    hours = sorted({*calls.values(), *(first + DAY * day for day in DAYS)})
    return tuple(_at(cluster, calls, hour, caller) for hour in hours)


def _at(cluster: Cluster, calls: dict[int, float], hour: float, caller: int) -> Known:
    heard = [
        one
        for one in _bad(cluster)
        if one.reported_at <= hour
        or (one.onset <= hour and calls.get(one.hospital, float("inf")) <= hour)
    ]
    who = next((each for each, at in calls.items() if at == hour), caller)
    batches = sorted({one.batch for one in heard if one.batch})
    return Known(hour=hour, hospital=who, ill=max(ALIKE, len(heard)), batches=tuple(batches))


def _bad(cluster: Cluster) -> list[Reaction]:
    return [one for one in cluster.reactions if one.by == "defect"]


def _noticed(cluster: Cluster, hospital: int) -> float | None:
    """Return when a hospital has seen enough reactions alike within a day; None: never."""
    onsets = sorted(one.onset for one in _bad(cluster) if one.hospital == hospital)
    for earlier, later in zip(onsets, onsets[ALIKE - 1 :], strict=False):
        if later - earlier <= DAY:
            return later
    return None


def _injects(cluster: Cluster, told: tuple[Known, ...]) -> Iterator[dict[str, Any]]:
    for number, one in enumerate(told):
        yield {
            "id": "first-call" if number == 0 else f"update-{number}",
            "at": f"{_minute(one.hour - told[0].hour)}m",
            "via": "report" if number == 0 else "hospital_update",
            "sender": word(f"hospital-{one.hospital}"),
            "report": _report(cluster, one, is_first=number == 0),
        }
    asks = {"via": "leader_question", "sender": word("office"), "text": word("question")}
    yield {"id": "leader-asks", "at": f"{QUESTION}m", **asks}
    notice = {"via": "phone_card", "sender": word("monitor"), "text": word("notice")}
    yield {"id": "stimulated", "ready": True, **notice}


def _report(cluster: Cluster, one: Known, *, is_first: bool) -> dict[str, Any]:
    product = cluster.product
    read = word("batch-known", batches=" ".join(one.batches))
    signs = " ".join(product.targets)
    return {
        "kind": "drug",
        "source": "hospital",
        "place": {"division": DIVISION},
        "setting": "hospital",
        "unit": {"name": word(f"hospital-{one.hospital}")},
        "counts": {"ill": one.ill, "basis": "observed"},
        "symptoms": list(product.targets),
        "suspect": {
            "product": product.product,
            "producer": product.producer,
            "approval_no": product.approval_no,
            **({"batch": one.batches[0]} if len(one.batches) == 1 else {}),
        },
        "narrative": word(
            "batch-call",
            product=product.product,
            signs=signs,
            onset=f"{ONSET[1]:g}",
            batch=read if one.batches else word("batch-unknown"),
        ),
        "report_type": "initial" if is_first else "progress",
    }


def _minute(hours: float) -> int:
    return max(0, round(hours * 60))
