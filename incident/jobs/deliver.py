"""Deliver what waits in the outbox: claim, send with no transaction open, write what came of it."""

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from datetime import datetime, timedelta

from sqlalchemy.exc import OperationalError

from incident.channels import answer_link, callback_url
from incident.crashpoints import crashpoint
from incident.jobs.lanes import WORKERS, Lanes, Pools, open_pools
from incident.operations import outbox, sealing
from incident.operations.engine import LeaseLost
from incident.operations.outbox import Asked, Claimed, Result
from incident.services import Services
from notifications.channel import DrillLeak
from notifications.message import Message, NotProcessed, Refused, Uncertain
from notifications.text import core, marked

logger = logging.getLogger(__name__)

LOOK = 0.15  # seconds between two looks for something urgent while all that runs is slow
GATHER = 0.02  # seconds in which results come together, so that they share a commit and its sync
SEND_TIME = timedelta(seconds=10)  # a send must have this much of its lease left
LATE = timedelta(minutes=5)  # as long as a provider may keep a message (ValidityPeriod)
DATABASE_TRIES, DATABASE_PAUSE = 10, 1.0

Done = tuple[Claimed, Result]


def deliver(
    services: Services,
    *,
    workers: int = WORKERS,
    pools: Pools | None = None,
    stop: threading.Event | None = None,
) -> int:
    """Deliver until nothing is due; return how many results were written.

    `pools` stay open; without them some are made for this call, of so many workers together.
    After `stop` nothing more is claimed, and what is under way is still written down.
    """
    with services.reading() as session:
        if not outbox.is_due(session, services.now()):
            return 0
    if pools is not None:
        return _Delivery(services, Lanes(pools), stop or threading.Event()).run()
    with open_pools(workers) as own:
        return _Delivery(services, Lanes(own), stop or threading.Event()).run()


class _Delivery:
    """One run: each commit writes down what is done and claims what is next."""

    def __init__(self, services: Services, lanes: Lanes, stop: threading.Event) -> None:
        self._services = services
        self._lanes = lanes
        self._stop = stop
        self._running: dict[Future[Result], Claimed] = {}

    def run(self) -> int:
        count, done = 0, list[Done]()
        try:
            while True:
                self._begin(self._patiently(done))
                count += len(done)
                if not self._running:
                    return count
                done = self._collect()
        finally:
            for future in self._running:
                future.cancel()

    def _begin(self, claimed: Sequence[Claimed]) -> None:
        for each in claimed:
            future = self._lanes.submit(each.priority, attempt, self._services, each)
            self._running[future] = each

    def _collect(self) -> list[Done]:
        """Wait until something is done, or until something more can be claimed meanwhile."""
        finished, _ = wait(self._running, timeout=GATHER)
        while not finished and not self._may_claim():
            finished, _ = wait(self._running, timeout=LOOK, return_when=FIRST_COMPLETED)
        return [(self._running.pop(future), future.result()) for future in finished]

    def _may_claim(self) -> bool:
        urgent, _ = self._room()
        if not urgent:
            return False
        with self._services.reading() as session:
            return outbox.is_urgent(session, self._services.now())

    def _patiently(self, done: Sequence[Done]) -> list[Claimed]:
        """Wait for a database that is locked or away: what was sent must be written down."""
        for _ in range(DATABASE_TRIES):
            try:
                return self._write(done)
            except OperationalError as error:
                logger.warning("the database does not answer: %s", type(error).__name__)
                self._stop.wait(DATABASE_PAUSE)
        return self._write(done)

    def _write(self, done: Sequence[Done]) -> list[Claimed]:
        try:
            return self._commit(done, *self._room())
        except (OperationalError, LeaseLost):
            raise
        except Exception:  # noqa: BLE001 - one bad row must not hold up the others
            for each in done:
                self._write_alone(each)
            return self._commit((), *self._room())

    def _write_alone(self, done: Done) -> None:
        try:
            self._commit([done], 0, 0)
        except (OperationalError, LeaseLost):
            raise
        except Exception:
            # Its lease runs out, and the provider is asked what became of it.
            logger.exception("what came of message %s cannot be written", done[0].id)

    def _commit(self, done: Sequence[Done], urgent: int, patient: int) -> list[Claimed]:
        now = self._services.now()
        with self._services.transaction() as session:
            outbox.record(session, done, now)
            return outbox.claim(session, now, limit=urgent, patient=patient)

    def _room(self) -> tuple[int, int]:
        """Return how many urgent and how many patient messages may be claimed now."""
        return (0, 0) if self._stop.is_set() else self._lanes.room()


def attempt(services: Services, claimed: Claimed) -> Result:
    """Send a message, or ask for one that may have been sent; never raises."""
    now = services.now()
    if now + SEND_TIME > claimed.lease_until:
        return NotProcessed(reason="it waited too long for its turn", retry_after=0)
    crashpoint("deliver.after_claim")
    message = _message(services, claimed, now)
    try:
        if claimed.drill and not _may_leave(services, claimed):
            logger.critical("message %s of a drill was for somebody outside", claimed.id)
            return Refused(code="drill-stranger", reason="whom it is for takes no part")
        if claimed.is_uncertain:
            return Asked(found=services.channels.find(message, since=claimed.created_at))
        outcome = services.channels.send(message)
        crashpoint("deliver.after_answer")
        return _logged(claimed, outcome)
    except DrillLeak:
        logger.critical("message %s of a drill was stopped before a live channel", claimed.id)
        return Refused(code="drill-leak", reason="a drill may not leave the house")
    except Exception as error:  # noqa: BLE001 - a fault of a channel leaves everything open
        logger.error("message %s: %s", claimed.id, type(error).__name__)
        return Uncertain(reason=type(error).__name__)


def _may_leave(services: Services, claimed: Claimed) -> bool:
    with services.reading() as session:
        return sealing.may_leave(session, claimed.id)


def _message(services: Services, claimed: Claimed, now: datetime) -> Message:
    body = core(claimed.body) if claimed.is_uncertain else _body(services, claimed, now)
    return Message(
        code=claimed.code,
        to=claimed.to,
        body=body,
        drill=claimed.drill,
        callback_url=callback_url(services.settings, claimed.code, channel=claimed.channel),
        channel=claimed.channel,
        provider=claimed.provider,
        link=answer_link(services.settings, claimed.code),
    )


def _body(services: Services, claimed: Claimed, now: datetime) -> str:
    """Return the text, which says so when it may come twice or comes late."""
    late = None
    if now - claimed.created_at > LATE:
        late = f"{claimed.created_at.astimezone(services.rules.zone):%m-%d %H:%M}"
    return marked(claimed.body, resent=claimed.resent, late=late)


def _logged(claimed: Claimed, outcome: Result) -> Result:
    match outcome:
        case NotProcessed(reason=reason) | Uncertain(reason=reason) | Refused(reason=reason):
            logger.warning(
                "message %s, attempt %s: %s, %s",
                claimed.id,
                claimed.attempts,
                type(outcome).__name__,
                reason,
            )
        case _:
            pass
    return outcome
