"""Fire the alarms of statutory clocks that have come."""

import logging

from incident.jobs.stopping import stop
from incident.operations import watch as operations
from incident.operations.engine import LeaseLost
from incident.operations.invariants import Broken
from incident.services import Services

logger = logging.getLogger(__name__)

AT_ONCE = 500


def watch(services: Services) -> int:
    """Fire what rings, incident by incident; return how many entries were written.

    An incident that fails does not keep the others from being told.
    """
    with services.reading() as session:
        numbers = operations.ringing(session, services.now(), limit=AT_ONCE)
    return sum(_fire(services, number) for number in numbers)


def _fire(services: Services, number: str) -> int:
    try:
        with services.transaction() as session:
            return operations.fire(session, number, now=services.now(), rules=services.rules)
    except LeaseLost:
        raise
    except Broken as broken:
        stop(services, broken)
        return 0
    except Exception:
        logger.exception("the clocks of incident %s could not be watched", number)
        return 0
