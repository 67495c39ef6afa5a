"""Scripted colleagues: the empty parts of a drill are played, each deed at its drill time.

They do what a person would do on the page, by the same operations and under the same rules, in
the engine's turn. They never act for a part that somebody holds, never in a real incident, and
never sign with a person's password.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from drills import runs
from drills.colleagues import life, work
from drills.colleagues.sight import STUCK, Chance, Sight, look
from drills.faults import ELSEWHERE, UNFORESEEN
from drills.models import DrillRun
from incident import words
from incident.errors import TocsinError
from incident.models import ChainHead
from incident.operations import pace, timeline
from incident.services import Services

logger = logging.getLogger(__name__)

AT_ONCE = 20  # deeds of one turn
ANYWAY = timedelta(seconds=2)  # after which they look again, although nothing was written


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rest:
    """What the last look found: nothing to do until a drill time, if nothing is written before."""

    seq: int
    until: timedelta
    looked_at: datetime


_rests: WeakKeyDictionary[Engine, dict[str, _Rest]] = WeakKeyDictionary()


def play(services: Services, key: str) -> int:
    """Do what is due in a drill, each deed in its own transaction; return how many were done."""
    done = 0
    if _is_due(services, key):
        while done < AT_ONCE and _play_next(services, key):
            done += 1
    return done


def next_due(services: Services, key: str) -> timedelta | None:
    """Return the drill time of the next deed as things stand; None: nothing is left to do."""
    with services.reading() as session:
        found = _chances(services, session, runs.find(session, key))
    return min((chance.due for chance in found), default=None)


def _is_due(services: Services, key: str) -> bool:
    """Tell whether something is to be done; look closely only where something may have changed."""
    rests = _rests.setdefault(services.engine, {})
    with services.reading() as session:
        clock, now = pace.of(session, key), services.now()
        seq = session.scalar(select(ChainHead.seq)) or 0
        reached, rest = clock.reached(now), rests.get(key)
        if clock.stands:
            return False
        if rest is not None and rest.seq == seq and timedelta() <= now - rest.looked_at < ANYWAY:
            return rest.until <= reached
        run = runs.find(session, key)
        found = _chances(services, session, run) if run.colleagues else []
    until = min((chance.due for chance in found), default=timedelta.max)
    rests[key] = _Rest(seq=seq, until=until, looked_at=now)
    return until <= reached


def _play_next(services: Services, key: str) -> bool:
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
    return chain(life.chances(sight), work.chances(sight))


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
