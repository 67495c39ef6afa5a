"""Play a drill to its end in the foreground, telling each inject as it is played."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from drills import player, runs, schedule
from drills.course import Course, course
from drills.models import DrillInject
from drills.scenario.schema import Inject
from incident.clock import FrozenClock
from incident.operations import pace
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
    """Play until nothing comes by the time any more, then end the drill; return how it went.

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
        if is_over or not _is_more_to_come(services, key, rows):
            break
        stop.wait(LOOK)
    if not stop.is_set():
        with services.transaction() as session:
            runs.end(session, key, who=DESK, now=services.now())
    with services.reading() as session:
        return course(session, runs.find(session, key), services.now())


def play_until(
    services: Services, clock: FrozenClock, key: str, end: datetime | None = None
) -> None:
    """Play on a clock that is moved from one due time to the next, to a moment or to the end."""
    while True:
        player.play_due(services)
        following = player.next_due(services, key)
        with services.reading() as session:
            time = pace.of(session, key)
        moment = None if following is None or time.stands else time.wall(following)
        if moment is None or (end is not None and moment >= end):
            return
        clock.moment = max(clock.moment, moment)


def _is_more_to_come(services: Services, key: str, rows: Sequence[DrillInject]) -> bool:
    """Tell whether something is still due; what is held back waits for its director."""
    is_planned = any(row.state == schedule.PLANNED for row in rows)
    return is_planned or player.next_due(services, key) is not None


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
