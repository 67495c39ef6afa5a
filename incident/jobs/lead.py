"""Drive the engine under a lease: of several engines one works, the others wait."""

import logging
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from incident.crashpoints import crashpoint
from incident.operations import engine, outbox, printing
from incident.operations.engine import Lease
from incident.services import Services

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedServices(Services):
    """Services whose transactions fail with LeaseLost once another engine drives."""

    lease: Lease

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a session as Services do, after a look at the lease."""
        with Services.transaction(self) as session:
            engine.check(session, self.lease)
            crashpoint("lease.after_check")
            yield session


class Leadership:
    """This process's part in who drives; `turn` is called at every beat."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._holder = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(8)}"
        self._led: LeasedServices | None = None

    @property
    def led(self) -> LeasedServices | None:
        """The services to work with; None while another engine drives."""
        return self._led

    def turn(self) -> LeasedServices | None:
        """Take or renew the lease, and note the turn."""
        lease = self._take()
        if lease != (self._led and self._led.lease):
            logger.info("this engine %s", f"drives, epoch {lease.epoch}" if lease else "waits")
            self._led = _under(self._services, lease) if lease else None
        return self._led

    def _take(self) -> Lease | None:
        now = self._services.now()
        try:
            with self._services.transaction() as session:
                lease = engine.take_lease(session, self._holder, now)
                if lease is not None and self._led is None:
                    outbox.take_over(session, now)
                    printing.take_over(session, now)
                return lease
        except IntegrityError:  # two engines began at the same moment; the other was first
            return None

    def give_back(self) -> None:
        """Let the next engine begin at once."""
        led, self._led = self._led, None
        if led:
            with self._services.transaction() as session:
                engine.release(session, led.lease, self._services.now())


def _under(services: Services, lease: Lease) -> LeasedServices:
    parts = {part.name: getattr(services, part.name) for part in fields(services)}
    return LeasedServices(**parts, lease=lease)
