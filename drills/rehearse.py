"""Play a drill to its end in the foreground, telling each inject as it is played."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from drills import player, runs, schedule
from drills.course import Course, course
from drills.models import DrillInject
from drills.scenario import Inject
from incident.services import Services
from incident.who import DESK

LOOK = 0.2  # seconds between two looks at what is due


class Pause(Protocol):
    """What is waited on between two looks, such as an Event that says when to stop."""

    def is_set(self) -> bool: ...

    def wait(self, timeout: float) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One inject that was played, at its drill time, with the incident it belongs to."""

    inject: Inject
    at: timedelta
    incident: str | None


def play_to_end(services: Services, key: str, tell: Callable[[Told], None], stop: Pause) -> Course:
    """Play until nothing with a time is left, then end the drill; return how it went.

    An engine that runs plays too: whoever is first plays an inject, and both go on after it.
    Setting `stop` leaves the drill to the engine.
    """
    told: set[int] = set()
    while not stop.is_set():
        player.play_due(services)
        rows, is_over = _look(services, key)
        for row in rows:
            if row.state == schedule.FIRED and row.id not in told:
                tell(_told(row))
                told.add(row.id)
        if is_over or not any(row.state == schedule.PLANNED for row in rows):
            break
        stop.wait(LOOK)
    if not stop.is_set():
        with services.transaction() as session:
            runs.end(session, key, who=DESK, now=services.now())
    with services.reading() as session:
        return course(session, runs.find(session, key), services.now())


def _look(services: Services, key: str) -> tuple[list[DrillInject], bool]:
    with services.reading() as session:
        run = runs.find(session, key)
        return list(schedule.of_run(session, run)), run.ended_at is not None


def _told(row: DrillInject) -> Told:
    return Told(
        inject=schedule.inject_of(row),
        at=timedelta(seconds=row.fired_seconds or 0.0),
        incident=row.incident,
    )
