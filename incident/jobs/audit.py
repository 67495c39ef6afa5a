"""The auditor beside the engine: goes round every minute, and tells the outside that all is well.

It has a thread and transactions of its own, and needs no lease: an engine that hangs, or waits
for its turn, is one of the things that it finds. The word to the outside is withheld when
anything is wrong, so that whoever waits for it there raises the alarm (dead-man switch).
"""

import logging
from datetime import datetime, timedelta
from threading import Event, Thread

import requests
from sqlalchemy.exc import SQLAlchemyError

from incident import spool
from incident.operations import oversight
from incident.operations.promises import Seen
from incident.services import Services
from incident.skew import skew

logger = logging.getLogger(__name__)

EVERY = timedelta(seconds=55)  # with the pause between two looks a round a minute
LOOK = 5.0  # seconds between two looks whether a round is due, and whether the database answers
PING_TIMES = (3.0, 5.0)  # seconds to connect, seconds to answer
REDIRECTS = 300


class Auditor:
    """The rounds of one process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._away_since: datetime | None = None

    def look(self) -> bool:
        """Go round if it is time; tell whether it was. A database that was away is written down."""
        now = self._services.now()
        try:
            due = self._is_due(now)
        except SQLAlchemyError as error:
            self._away_since = self._away_since or now
            logger.error("the auditor cannot ask the database: %s", type(error).__name__)
            return False
        if due:
            self.round()
        return due

    def round(self) -> bool:
        """Ask for every promise, write down the answers, tell the outside; say if all is well."""
        services = self._services
        seen = self._seen()
        with services.reading() as session:
            found = oversight.examine(session, seen)
        with services.transaction() as session:
            well = oversight.write_down(session, found, services.now())
        for kept in found:
            if not kept.holds:
                logger.critical("promise %s is broken: %s", kept.name, dict(kept.figures))
        if well and services.settings.heartbeat_url:
            self._ping(services.settings.heartbeat_url)
        return well

    def _is_due(self, now: datetime) -> bool:
        """Look as a writer does, for a database that only reads is away too."""
        with self._services.transaction() as session:
            last = oversight.last_round(session)
            if self._away_since is not None:
                oversight.note_outage(session, self._away_since, now)
        self._away_since = None
        return last is None or not last <= now < last + EVERY

    def _seen(self) -> Seen:
        services = self._services
        with services.engine.connect() as connection:
            apart = skew(connection, services.clock)
        waiting = spool.waiting(services.settings.spool_dir)
        return Seen(
            now=services.now(),
            tick=timedelta(seconds=services.settings.engine_tick),
            skew=apart,
            spooled=len(waiting),
            oldest_spooled=min((one.spooled_at for one in waiting), default=None),
        )

    def _ping(self, url: str) -> None:
        """Ask for the address, and write down whether it answered; no transaction is open."""
        problem = _asked(url)
        if problem:
            logger.warning("the outside cannot be told that all is well: %s", problem)
        with self._services.transaction() as session:
            oversight.note_ping(session, problem, self._services.now())


def start(services: Services, stop: Event) -> Thread:
    """Start the auditor; it goes on until `stop`, whatever happens to the engine."""
    auditor = Auditor(services)

    def rounds() -> None:
        while not stop.wait(LOOK):
            try:
                auditor.look()
            except Exception:
                logger.exception("a round of the auditor failed")

    thread = Thread(target=rounds, name="auditor", daemon=True)
    thread.start()
    return thread


def _asked(url: str) -> str | None:
    """Return why the address did not take our word, None when it did."""
    try:
        answer = requests.get(url, timeout=PING_TIMES, allow_redirects=False, stream=True)
    except requests.RequestException as error:
        return type(error).__name__
    answer.close()
    return None if answer.status_code < REDIRECTS else str(answer.status_code)
