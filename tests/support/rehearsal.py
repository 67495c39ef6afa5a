"""Drills for tests: scenarios of a few lines, and the hands of those who play and direct them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from drills import player, runs, schedule
from drills.learning import judging
from drills.learning.judging import Measured
from drills.models import DrillInject, DrillRun, Participant
from drills.scenario.schema import Scenario
from incident.clock import FrozenClock
from incident.operations import pace
from incident.services import Services
from incident.who import DESK, Who

REPORT = {
    "kind": "food",
    "source": "hospital",
    "place": {"division": "330106", "address": "示例路1号"},
    "setting": "school",
    "counts": {"ill": 40, "basis": "visited"},
    "symptoms": ["呕吐"],
}
PARTS = {
    "duty": "duty_officer",
    "leader": "duty_leader",
    "command": "commander",
    "group": "group_member",
    "chair": "chair",
}


def first(**changes: Any) -> dict[str, Any]:
    """Return the inject that opens an incident."""
    return {
        "id": "first",
        "at": "0m",
        "via": "report",
        "sender": "医院",
        "report": REPORT,
    } | changes


def words(id: str, **changes: Any) -> dict[str, Any]:
    """Return an inject that only says something to the players."""
    return {"id": id, "via": "phone_card", "sender": "值班室", "text": "示例"} | changes


def expected(id: str, when: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """Return an expectation; it leaves half an hour from the start."""
    made = {"id": id, "text": id, "when": when, "within": "30m", "objective": "all"}
    return made | changes


def scenario(*injects: Mapping[str, Any], expectations: Any = (), **changes: Any) -> Scenario:
    """Return a scenario of an hour and a second segment of another hour."""
    made = {
        "id": "a-test",
        "title": "测试",
        "kind": "food",
        "form": "tabletop",
        "content": "single",
        "purpose": "test",
        "plan": "food-CN@2011",
        "summary": "测试",
        "speed": 1,
        "segments": [
            {"id": "main", "title": "一", "lasts": "60m", "apart": True},
            {"id": "second", "title": "二", "starts": "60m", "lasts": "60m", "apart": True},
        ],
        "parts": [
            {"id": id, "title": id, "plays": "player", "desk": desk} for id, desk in PARTS.items()
        ],
        "objectives": [{"id": "all", "text": "全部", "weight": 100}],
        "injects": list(injects) or [first()],
        "expectations": list(expectations),
    }
    return Scenario.model_validate(made | changes)


def begin(services: Services, *injects: Mapping[str, Any], speed: float = 1, **given: Any) -> str:
    """Begin a drill of such a scenario, play what comes at once, and return its key."""
    chosen = {name: given.pop(name) for name in ("segments", "colleagues") if name in given}
    key = runs.start(services, scenario(*injects, **given), speed=speed, **chosen).key
    player.play_due(services)
    return key


def later(services: Services, **length: float) -> None:
    """Move the clock of the wall."""
    cast(FrozenClock, services.clock).advance(timedelta(**length))


def go(services: Services, **length: float) -> int:
    """Move the clock and let the engine play what is due."""
    later(services, **length)
    return player.play_due(services)


def direct(services: Services, name: str, key: str, *args: Any, who: Who = DESK) -> None:
    """Let the director do something with the clock: pause, resume, set_speed, jump, end."""
    with services.transaction() as session:
        getattr(runs, name)(session, key, *args, who=who, now=services.now())


def join(services: Services, key: str, part: str, who: Who) -> None:
    """Let somebody play a part."""
    with services.transaction() as session:
        run = runs.find(session, key)
        session.add(Participant(run_id=run.id, user_id=who.person, part=part, plays="player"))


def answer(services: Services, key: str, inject: str, who: Who, text: str = "已办") -> None:
    """Answer an inject."""
    id = row(services, key, inject).id
    with services.transaction() as session:
        run = runs.find(session, key)
        schedule.answer(session, run, id, text, who=who, now=services.now())


def rows(services: Services, key: str) -> list[DrillInject]:
    """Return the injects of a run in their order."""
    with services.reading() as session:
        return list(schedule.of_run(session, runs.find(session, key)))


def row(services: Services, key: str, inject: str, turn: int = 0) -> DrillInject:
    """Return one inject of a run."""
    return next(one for one in rows(services, key) if (one.inject, one.turn) == (inject, turn))


def fired(services: Services, key: str) -> dict[str, float]:
    """Return the drill minutes at which injects came; of those that repeat, the last."""
    return {
        one.inject: round((one.fired_seconds or 0) / 60, 2)
        for one in rows(services, key)
        if one.state == schedule.FIRED
    }


def reached(services: Services, key: str) -> float:
    """Return the drill time in minutes."""
    with services.reading() as session:
        return pace.of(session, key).reached(services.now()).total_seconds() / 60


def run_of(services: Services, key: str) -> DrillRun:
    """Return a run."""
    with services.reading() as session:
        return session.scalars(select(DrillRun).where(DrillRun.key == key)).one()


def incident_of(services: Services, key: str) -> str:
    """Return the number of a run's first incident."""
    number = run_of(services, key).incident
    assert number is not None
    return number


def measured(services: Services, key: str) -> dict[str, tuple[str, float | None]]:
    """Return of each expectation its state, and the drill minutes that it took."""
    with services.reading() as session:
        found = _measure(session, services, key)
    return {
        one.expectation.id: (
            one.state,
            None if one.taken is None else round(one.taken.total_seconds() / 60, 2),
        )
        for one in found
    }


def _measure(session: Session, services: Services, key: str) -> tuple[Measured, ...]:
    return judging.measure(session, runs.find(session, key), services.now())
