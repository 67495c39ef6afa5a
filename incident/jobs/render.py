"""Print the documents that wait, and keep each PDF under its digest."""

import json
import logging

from incident.crashpoints import crashpoint
from incident.documents import from_json
from incident.operations import printing
from incident.operations.printing import Claimed
from incident.press import Press, PressFailed
from incident.services import Services

logger = logging.getLogger(__name__)


def render(services: Services, press: Press) -> int:
    """Print until nothing waits; return how many were tried."""
    count = 0
    while (claimed := _next(services)) is not None:
        _print(services, press, claimed)
        count += 1
    return count


def _next(services: Services) -> Claimed | None:
    with services.reading() as session:
        if not printing.is_due(session, services.now()):
            return None
    with services.transaction() as session:
        return printing.claim(session, services.now())


def _print(services: Services, press: Press, claimed: Claimed) -> None:
    try:
        pdf = press.print(from_json(json.dumps(claimed.document).encode()))
    except (PressFailed, ValueError) as error:
        logger.warning(
            "document %s, attempt %s: %s", claimed.id, claimed.attempts, type(error).__name__
        )
        with services.transaction() as session:
            printing.failed(session, claimed, str(error), services.now())
        return
    digest = services.store.put(pdf)
    crashpoint("render.after_file")
    with services.transaction() as session:
        printing.printed(session, claimed, digest, services.now())
