"""Play a drill to its end in the foreground, telling each inject as it is played."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select

from drills import player
from drills.course import Course, course
from drills.models import DrillRun
from drills.scenario import Scenario, Timed
from incident.services import Services
from incident.who import DESK

LOOK = 0.2  # seconds between two looks at what is due


class Pause(Protocol):
    """What is waited on between two looks, such as an Event that says when to stop."""

    def is_set(self) -> bool: ...

    def wait(self, timeout: float) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One inject that was played, with the incident it belongs to."""

    timed: Timed
    incident: str | None


def play_to_end(
    services: Services, scenario: Scenario, key: str, tell: Callable[[Told], None], stop: Pause
) -> Course:
    """Play until the last inject, then end the drill; return how it went.

    An engine that runs plays too: whoever is first plays an inject, and both go on after it.
    Setting `stop` leaves the drill to the engine.
    """
    known: Mapping[str, Scenario] = {scenario.id: scenario}
    told = 0
    while not stop.is_set():
        player.play_due(services, known)
        run = _run(services, key)
        for timed in scenario.timeline[told : run.played]:
            tell(Told(timed=timed, incident=run.incident))
        told = run.played
        if run.ended_at is not None or told == len(scenario.timeline):
            break
        stop.wait(LOOK)
    if not stop.is_set():
        with services.transaction() as session:
            player.end(session, key, who=DESK, now=services.now())
    with services.reading() as session:
        return course(session, _run(services, key), scenario, services.now())


def _run(services: Services, key: str) -> DrillRun:
    with services.reading() as session:
        return session.scalars(select(DrillRun).where(DrillRun.key == key)).one()
