"""Scripted colleagues: the empty parts of a drill are played, each deed at its drill time.

They do what a person would do on the page, by the same operations and under the same rules, in
the engine's turn. They never act for a part that somebody holds, never in a real incident, and
never sign with a person's password.
"""

import logging
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain

from sqlalchemy.orm import Session

from drills import colleague_life, colleague_work, runs
from drills.colleague_sight import STUCK, Chance, Sight, look
from drills.faults import ELSEWHERE, UNFORESEEN
from drills.models import DrillRun
from incident import words
from incident.errors import TocsinError
from incident.operations import pace, timeline
from incident.services import Services

logger = logging.getLogger(__name__)

AT_ONCE = 20  # deeds of one turn


def play(services: Services, key: str) -> int:
    """Do what is due in a drill, each deed in its own transaction; return how many were done."""
    done = 0
    while done < AT_ONCE and _play_next(services, key):
        done += 1
    return done


def next_due(services: Services, key: str) -> timedelta | None:
    """Return the drill time of the next deed as things stand; None: nothing is left to do."""
    with services.reading() as session:
        found = _chances(services, session, runs.find(session, key))
    return min((chance.due for chance in found), default=None)


def _play_next(services: Services, key: str) -> bool:
    with services.reading() as session:
        run = runs.find(session, key)
        if not run.colleagues or _due(services, session, run) is None:
            return False
    chance = None
    try:
        with services.transaction() as session:
            run = runs.hold(session, key)
            chance = _due(services, session, run, held=True)
            if chance is None:
                return False
            chance.act(session, services.context(chance.who))
    except TocsinError as error:
        return chance is not None and _leave_out(services, key, chance, error.code)
    except ELSEWHERE:
        raise
    except Exception:
        if chance is None:
            raise
        logger.exception("drill %s: a colleague failed to do %s", key, chance.key)
        return _leave_out(services, key, chance, UNFORESEEN)
    logger.info("drill %s: a colleague did %s", key, chance.key)
    return True


def _due(
    services: Services, session: Session, run: DrillRun, *, held: bool = False
) -> Chance | None:
    """Return what is to be done first of all that is due; None while the clock stands."""
    clock = pace.of(session, run.key)
    if clock.stands:
        return None
    found = sorted(_chances(services, session, run, held=held), key=lambda one: (one.due, one.key))
    reached = clock.reached(services.now())
    return found[0] if found and found[0].due <= reached else None


def _chances(
    services: Services, session: Session, run: DrillRun, *, held: bool = False
) -> list[Chance]:
    return list(_all(look(services, session, run, held=held)))


def _all(sight: Sight) -> Iterator[Chance]:
    return chain(colleague_life.chances(sight), colleague_work.chances(sight))


def _leave_out(services: Services, key: str, chance: Chance, problem: str) -> bool:
    """Say on the timeline what a colleague could not do, and why; it is left to people."""
    logger.warning("drill %s: a colleague cannot do %s: %s", key, chance.key, problem)
    with services.transaction() as session:
        sight = look(services, session, runs.hold(session, key))
        told = {
            "deed": words.label("drill_deeds", chance.deed),
            "why": words.label("errors", problem),
        }
        timeline.write(
            session,
            sight.main,
            STUCK,
            who=chance.who,
            now=services.now(),
            words_for=told,
            data={"deed": chance.key, "drill": key, "problem": problem},
        )
    return True
