"""Read what people have answered, one reply in one transaction."""

import logging

from incident.crashpoints import crashpoint
from incident.operations import replies
from incident.operations.engine import LeaseLost
from incident.services import Services

logger = logging.getLogger(__name__)

AT_ONCE = 200


def read_replies(services: Services) -> int:
    """Read every reply that waits; return how many. One that fails does not hold up the others."""
    with services.reading() as session:
        waiting = replies.waiting(session, limit=AT_ONCE)
    return sum(_read(services, id) for id in waiting)


def _read(services: Services, id: int) -> bool:
    try:
        crashpoint("replies.before_read")
        with services.transaction() as session:
            replies.read(session, id, now=services.now(), rules=services.rules)
    except LeaseLost:
        raise
    except Exception:
        logger.exception("reply %s could not be read", id)
        return False
    return True
