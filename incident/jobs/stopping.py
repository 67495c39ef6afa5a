"""Stop the automation of an incident whose invariant is broken; the engine goes on."""

import logging

from incident.operations import halts
from incident.operations.invariants import Broken
from incident.services import Services

logger = logging.getLogger(__name__)


def stop(services: Services, broken: Broken) -> None:
    """Write it down and shout."""
    logger.critical("automation stopped: %s", broken)
    with services.transaction() as session:
        halts.stop(session, broken, services.now())
