"""Remind the owners of instructions that are not done."""

import logging

from incident.operations import instruction_messages, instructions, steps
from incident.operations.engine import LeaseLost
from incident.services import Services

logger = logging.getLogger(__name__)

AT_ONCE = 100


def chase(services: Services) -> int:
    """Remind whoever is to be reminded; return how many were.

    An instruction that fails does not keep the others from being chased.
    """
    with services.reading() as session:
        found = instruction_messages.to_chase(session, services.now(), limit=AT_ONCE)
    return sum(_chase(services, *numbers) for numbers in found)


def _chase(services: Services, incident: str, number: str) -> bool:
    try:
        with services.transaction() as session:
            held = steps.hold(session, incident)
            given = instructions.find(session, number)
            return instruction_messages.chase(
                session, held, given, now=services.now(), rules=services.rules
            )
    except LeaseLost:
        raise
    except Exception:
        logger.exception("instruction %s could not be chased", number)
        return False
