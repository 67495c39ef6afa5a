"""The desk of the simulator: one SQLite in memory, which each seed begins anew."""

import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

from sqlalchemy import Connection, create_engine, event, func, select, update
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from incident.clock import FrozenClock
from incident.models import IncidentClock
from incident.services import Services
from notifications.channel import Channels
from tests.simulator.provider import SimProvider
from tests.support.desk import NOW, make_incident, make_people, make_services
from tests.support.roster import make_officers, make_post, make_rotation

CHANNELS = ("sms", "voice")
OFTEN = (4, 2, 2, 1)  # how often a seed begins with each original


class Bench:
    """Services over memory, and the providers of both worlds."""

    def __init__(self, originals: Sequence[sqlite3.Connection], services: Services) -> None:
        self._originals = originals
        self.services = services
        self.providers: list[SimProvider] = []

    def reset(self, dice: Random) -> None:
        """Begin anew: the database as it was, the clock too, and providers without a past."""
        raw = self._raw()
        raw.rollback()
        dice.choices(self._originals, OFTEN)[0].backup(raw)
        clock = self.services.clock
        assert isinstance(clock, FrozenClock)
        clock.moment = NOW
        worlds: list[dict[str, SimProvider]] = []
        for stand_in in (False, True):
            made = {name: SimProvider(name=name, stand_in=stand_in, dice=dice) for name in CHANNELS}
            worlds.append(made)
        self.providers = [one for world in worlds for one in world.values()]
        for one in self.providers:
            one.now = NOW
        live, drill = worlds
        object.__setattr__(self.services, "channels", Channels(live=live, drill=drill))

    def writes(self) -> int:
        """Return how many rows were ever written, whether or not they were committed."""
        return self._raw().total_changes

    def _raw(self) -> sqlite3.Connection:
        with self.services.engine.connect() as connection:
            raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        return raw


@contextmanager
def open_bench(folder: Path) -> Iterator[Bench]:
    """Build the originals once, and one engine that every seed works with."""
    logging.disable(logging.CRITICAL)  # it tells of every fault, and faults are all there is
    originals = [
        _just_reported(folder, "real", None),
        _just_reported(folder, "drill", "YL-1"),
        _just_reported(folder, "both", None, "YL-1"),
        _in_response(folder),
    ]
    built = make_services(f"sqlite:///{folder / 'none.db'}", folder)
    built.engine.dispose()
    engine = create_engine(
        "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    try:
        yield Bench(originals, replace(built, engine=engine))
    finally:
        engine.dispose()
        for original in originals:
            original.close()
        logging.disable(logging.NOTSET)


def _just_reported(folder: Path, name: str, *drills: str | None) -> sqlite3.Connection:
    """Reports, each real or of a drill, and a post that two people keep."""

    def fill(services: Services) -> None:
        main, second, *_ = make_officers(services)
        make_rotation(services, make_post(services), [(main, second)])
        for drill in drills:
            make_incident(services, drill=drill)

    return _original(folder / f"{name}.db", fill)


def _in_response(folder: Path) -> sqlite3.Connection:
    """A response that calls people of many roles, each wanted in person."""
    return _original(
        folder / "responding.db",
        lambda services: make_incident(services, state="responding", grade="II"),
    )


def _original(file: Path, fill: Callable[[Services], object]) -> sqlite3.Connection:
    services = make_services(f"sqlite:///{file}", file.parent)
    make_people(services)
    fill(services)
    _keep_one_clock_each(services)
    services.engine.dispose()
    return sqlite3.connect(file)


def _keep_one_clock_each(services: Services) -> None:
    """Let only the next clock of each incident ring, half an hour from now: a seed is short."""
    with services.transaction() as session:
        session.execute(update(IncidentClock).values(next_alarm_at=None))
        first = select(func.min(IncidentClock.id)).group_by(IncidentClock.incident_id)
        soon = NOW + timedelta(minutes=30)
        session.execute(
            update(IncidentClock)
            .where(IncidentClock.id.in_(first.scalar_subquery()))
            .values(next_alarm_at=soon, due_at=soon, satisfied_at=None, advisory=False)
        )


def _prepare(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
