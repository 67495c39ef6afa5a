"""Let alerts climb: who has not answered is called again, then the next one, then by hand."""

import logging
from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from incident.jobs.stopping import stop
from incident.operations import climbing, folding
from incident.operations.engine import LeaseLost
from incident.operations.invariants import Broken
from incident.services import Services

logger = logging.getLogger(__name__)

AT_ONCE = 50  # ladders in one transaction; between two a more urgent alert may come first
MOST = 40  # transactions in one turn of the engine

Work = Callable[[Session, Sequence[int]], object]


def escalate(services: Services) -> int:
    """Take what is due: steps, sirens, reminders, and what was held; return the steps' number."""
    climbed = 0
    for _ in range(MOST):
        ids = _due(services)
        if not ids:
            break
        climbed += _carefully(services, ids, _climb(services))
    for alert in _sirens(services):
        _carefully(services, [alert], _sound(services))
    if reminded := _reminders(services):
        _carefully(services, reminded, _remind(services))
    _release(services)
    return climbed


def _due(services: Services) -> list[int]:
    with services.reading() as session:
        return climbing.due(session, services.now(), limit=AT_ONCE)


def _sirens(services: Services) -> list[int]:
    with services.reading() as session:
        return climbing.sirens(session, services.now())


def _reminders(services: Services) -> list[int]:
    with services.reading() as session:
        return climbing.reminders(session, services.now(), limit=AT_ONCE)


def _release(services: Services) -> None:
    with services.reading() as session:
        if not folding.is_due(session, services.now()):
            return
    with services.transaction() as session:
        folding.release(session, now=services.now(), rules=services.rules)


def _climb(services: Services) -> Work:
    return lambda session, ids: climbing.climb(
        session, ids, now=services.now(), rules=services.rules
    )


def _sound(services: Services) -> Work:
    return lambda session, ids: climbing.sound(session, ids[0], services.now())


def _remind(services: Services) -> Work:
    return lambda session, ids: climbing.remind(
        session, ids, now=services.now(), rules=services.rules
    )


def _carefully(services: Services, ids: Sequence[int], work: Work) -> int:
    """Do some work in one transaction, or row by row where one spoils it for the others."""
    try:
        with services.transaction() as session:
            work(session, ids)
        return len(ids)
    except LeaseLost:
        raise
    except Broken as broken:
        stop(services, broken)
    except Exception:
        logger.exception("%s rows of alerts could not be worked together", len(ids))
    return sum(_alone(services, id, work) for id in ids) if len(ids) > 1 else 0


def _alone(services: Services, id: int, work: Work) -> int:
    try:
        with services.transaction() as session:
            work(session, [id])
    except LeaseLost:
        raise
    except Broken as broken:
        stop(services, broken)
        return 0
    except Exception:
        logger.exception("row %s of an alert could not be worked", id)
        return 0
    return 1
