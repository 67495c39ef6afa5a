"""What the edges are given: sessions, clock, rules, store, channels."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from incident.channels import can_reply, has_robots
from incident.clock import Clock, SystemClock
from incident.crashpoints import crashpoint
from incident.db import PATIENCE, for_single_statements, for_writing, make_engine, pipelined
from incident.errors import Conflict
from incident.operations import numbers, timeline
from incident.operations.calendar import load_calendar
from incident.operations.context import Context
from incident.rulebook import Rulebook
from incident.settings import Settings
from incident.store import Store
from incident.turns import turns_of
from incident.who import Who
from notifications.channel import Channels
from workflows.divisions import Divisions
from workflows.library import Library


class Bell:
    """Wakes whoever waits in this process for something new in the database."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._count = 0

    def ring(self) -> None:
        """Tell that something was committed."""
        with self._condition:
            self._count += 1
            self._condition.notify_all()

    def wait(self, seen: int, seconds: float) -> int:
        """Wait until the count differs from `seen`, at most so long; return the count."""
        with self._condition:
            self._condition.wait_for(lambda: self._count != seen, timeout=seconds)
            return self._count


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The parts of a running desk, built once by `build` and passed along."""

    settings: Settings
    engine: Engine
    clock: Clock
    rules: Rulebook
    store: Store
    channels: Channels
    bell: Bell

    def now(self) -> datetime:
        """Return the present moment of the desk's clock."""
        return self.clock.now()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a session that commits at the end, its entries sealed, or leaves no trace."""
        with (
            self._turn(),
            for_writing(self.engine).connect() as connection,
            Session(connection, expire_on_commit=False) as session,
        ):
            try:
                yield session
                session.flush()
                with pipelined(connection):
                    timeline.seal(session)
                    crashpoint("transaction.before_commit")
                    session.commit()
            except StaleDataError as error:
                raise Conflict("changed-meanwhile") from error
            finally:
                timeline.discard(session)
        crashpoint("transaction.before_bell")
        self.bell.ring()

    def _turn(self) -> AbstractContextManager[None]:
        """Wait for a turn to write, as long as the present request waits for a lock.

        SQLite has one writer, and lets in by luck who asks for it, not by turn.
        """
        if self.engine.dialect.name != "sqlite":
            return nullcontext()
        return turns_of(self.engine).turn(PATIENCE.get() / 1000)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that only reads."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def asking(self) -> Iterator[Connection]:
        """Open a connection for a single statement, which is a transaction of its own."""
        with for_single_statements(self.engine).connect() as connection:
            yield connection

    def renew_calendar(self) -> None:
        """Read the table of holidays again, for somebody may have edited it."""
        with self.reading() as session:
            self.rules.calendar = load_calendar(session, self.settings.time_zone)

    def context(self, who: Who) -> Context:
        """Return what an operation needs beside its input."""
        return Context(who=who, now=self.now(), rules=self.rules)

    def take_number(self, kind: str, *, drill: bool) -> str:
        """Take an incident number in a transaction of its own.

        It need not wait for the disk: the commit that uses the number makes both last.
        """
        series = numbers.incident_series(kind, self.rules.day(self.now()), drill=drill)
        if self.engine.dialect.name == "postgresql":
            with self.asking() as connection:
                return numbers.incident_number(series, numbers.take_unflushed(connection, series))
        with self.transaction() as session:
            return numbers.incident_number(series, numbers.take(session, series))


def build(
    settings: Settings,
    channels: Channels,
    *,
    clock: Clock | None = None,
    library: Library | None = None,
    pool_size: int = 10,
) -> Services:
    """Build the services of a desk whose database has the newest schema.

    `library` spares reading the plans again.
    """
    engine = make_engine(settings.database_url, pool_size=pool_size)
    return Services(
        settings=settings,
        engine=engine,
        clock=clock or SystemClock(),
        rules=_rules(settings, engine, channels, library=library),
        store=Store(settings.data_dir / "files"),
        channels=channels,
        bell=Bell(),
    )


def _rules(
    settings: Settings, engine: Engine, channels: Channels, *, library: Library | None
) -> Rulebook:
    """Read the rules, which know whom these channels reach, and whose replies come back."""
    rules = load_rules(settings, engine, library=library)
    rules.can_reply = lambda to, drill: can_reply(channels, to, drill=drill)
    rules.tells_group = has_robots(settings)
    return rules


def load_rules(settings: Settings, engine: Engine, *, library: Library | None = None) -> Rulebook:
    """Read plans and divisions, and the calendar as the office has edited it."""
    with Session(engine) as session:
        calendar = load_calendar(session, settings.time_zone)
    return Rulebook(
        library=library or Library.load(),
        calendar=calendar,
        divisions=Divisions.load(),
        jurisdiction=settings.jurisdiction,
        organisation=settings.organisation,
        zone=settings.time_zone,
    )
