"""Merge the providers' receipts, and ask for the messages whose receipts do not come."""

import logging

from incident.operations import receipts
from incident.operations.receipts import Silent
from incident.services import Services
from notifications.message import Message

logger = logging.getLogger(__name__)

BATCH = 100
ASKED_AT_ONCE = 40


def merge(services: Services) -> int:
    """Merge every receipt that waits; return how many."""
    count = 0
    while _waits(services):
        with services.transaction() as session:
            merged = receipts.merge(session, services.now(), limit=BATCH)
        count += merged
    return count


def ask_after(services: Services) -> int:
    """Ask the provider for messages that nothing was heard of; return how many it knew."""
    now = services.now()
    with services.reading() as session:
        if not receipts.is_silent(session, now):
            return 0
    with services.transaction() as session:
        silent = receipts.silent(session, now, limit=ASKED_AT_ONCE)
    return sum(_ask(services, each) for each in silent)


def _waits(services: Services) -> bool:
    with services.reading() as session:
        return receipts.is_waiting(session)


def _ask(services: Services, silent: Silent) -> bool:
    sent = services.channels.look_up(_message(silent), silent.provider_id)
    if sent is None:
        logger.warning("the provider says nothing of message %s", silent.id)
        return False
    with services.transaction() as session:
        receipts.take_in(session, silent, sent, services.now())
    return True


def _message(silent: Silent) -> Message:
    return Message(
        code=silent.code,
        to=silent.to,
        body=silent.body,
        drill=silent.drill,
        channel=silent.channel,
    )
