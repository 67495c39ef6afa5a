"""Enter the spool once the database is back, the oldest report first."""

import logging
from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as TookTooLong

from incident import spool
from incident.errors import TocsinError
from incident.operations import spooling
from incident.operations.engine import LeaseLost
from incident.services import Services
from incident.spool import Spooled

logger = logging.getLogger(__name__)

AWAY = (OperationalError, InterfaceError, TookTooLong)


def replay(services: Services) -> int:
    """Enter everything that waits; return how many reports were taken out of the spool.

    A report that the rules refuse, or that cannot be entered for a fault of ours, is kept for a
    person and does not hold up the others. Where the database goes away again, what is left
    waits on.
    """
    folder = services.settings.spool_dir
    if spool.is_empty(folder):
        return 0
    taken, fresh, aside = list[Spooled](), list[Spooled](), 0
    try:
        for one in spool.waiting(folder):
            entered = _take(services, one)
            taken.append(one)
            if entered is not None:
                fresh.append(one)
                aside += not entered
    except AWAY as error:
        logger.warning("the database is away, the spool waits: %s", type(error).__name__)
    finally:
        spool.remove(folder, {one.number for one in taken})
    _tell(services, fresh, aside)
    return len(taken)


def _take(services: Services, one: Spooled) -> bool | None:
    """Enter one report; False when a person must look at it, None when it was there before."""
    if _is_known(services, one):
        return None
    try:
        _enter(services, one)
    except (*AWAY, LeaseLost):
        raise
    except IntegrityError:
        if _is_known(services, one):  # somebody else was faster
            return None
        raise
    except TocsinError as error:
        logger.warning("report %s of the spool is refused: %s", one.number, error.code)
        _put_aside(services, one, spooling.problem_of(error))
        return False
    except Exception:
        logger.exception("report %s of the spool cannot be entered", one.number)
        _put_aside(services, one, [spooling.INTERNAL])
        return False
    return True


def _is_known(services: Services, one: Spooled) -> bool:
    with services.reading() as session:
        return spooling.is_known(session, one)


def _enter(services: Services, one: Spooled) -> None:
    number = None
    if one.incident is None:
        number = services.take_number(str(one.content["kind"]), drill=False)
    with services.transaction() as session:
        spooling.enter(session, one, number=number, now=services.now(), rules=services.rules)


def _put_aside(services: Services, one: Spooled, problem: Sequence[str]) -> None:
    with services.transaction() as session:
        spooling.put_aside(session, one, problem, services.now())


def _tell(services: Services, fresh: Sequence[Spooled], aside: int) -> None:
    if not fresh:
        return
    with services.transaction() as session:
        spooling.tell(session, fresh, aside=aside, now=services.now(), rules=services.rules)
