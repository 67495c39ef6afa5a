"""What a desk needs to be well: each check says whether it is, and the words say what to do."""

import os
import shutil
import stat
from collections.abc import Iterator
from ctypes.util import find_library
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from incident import schema, spool
from incident.channel_checks import channels, providers
from incident.clock import Clock
from incident.findings import Finding, found, judged, missed
from incident.fonts import fonts_report
from incident.models import Holiday
from incident.settings import Settings
from incident.skew import skew

SUBSETTER = "harfbuzz-subset"
SKEW = timedelta(seconds=2)
FREE_BYTES = 1_000_000_000
AHEAD = timedelta(days=60)
SECRETS = ("secret-key", "gateway-token", "example-password")
FOREIGN_BITS = stat.S_IRWXG | stat.S_IRWXO
DISTRIBUTION = "tocsin"


def examine(settings: Settings, engine: Engine, clock: Clock) -> list[Finding]:
    """Check everything; a database that does not answer is a finding like others."""
    return [
        *_database(engine, clock),
        _disk(settings.data_dir),
        _spool(settings.spool_dir),
        _secrets(settings.data_dir),
        *channels(settings),
        _fonts(),
        _shaping(),
        _versions(),
    ]


def _database(engine: Engine, clock: Clock) -> Iterator[Finding]:
    try:
        with engine.connect() as connection:
            yield found("database", "reachable", kind=connection.dialect.name)
            revision = schema.current(engine)
            if revision != schema.newest():
                yield missed("schema", "schema-old", found=revision, newest=schema.newest())
                return
            yield found("schema", "schema-new", newest=revision)
            yield _pages(engine)
            yield _clock(connection, clock)
            yield _durability(connection)
            yield _holidays(connection, clock.now())
            yield providers(connection)
    except SQLAlchemyError as error:
        yield missed("database", "unreachable", problem=type(error).__name__)


def _clock(connection: Connection, clock: Clock) -> Finding:
    """Compare the desk's clock with the database's, which is another machine's at times."""
    apart = abs(skew(connection, clock))
    seconds = f"{apart.total_seconds():.1f}"
    return judged("clock", "clock-true", "clock-apart", ok=apart <= SKEW, seconds=seconds)


def _pages(engine: Engine) -> Finding:
    """Make sure that the database's own file can be read throughout."""
    problem = schema.damage(engine)
    return judged("pages", "pages-whole", "pages-damaged", ok=problem is None, problem=problem)


def _durability(connection: Connection) -> Finding:
    """Make sure that what was accepted is on the disk."""
    if connection.dialect.name == "sqlite":
        asked = {"journal_mode": "wal", "synchronous": "2"}
        told = {name: str(connection.exec_driver_sql(f"PRAGMA {name}").scalar()) for name in asked}
    else:
        asked = {"fsync": "on", "synchronous_commit": "on"}
        told = {name: str(connection.exec_driver_sql(f"SHOW {name}").scalar()) for name in asked}
    wrong = ", ".join(f"{name}={told[name]}" for name in asked if told[name] != asked[name])
    return judged("durability", "durable", "not-durable", ok=not wrong, wrong=wrong)


def _holidays(connection: Connection, now: datetime) -> Finding:
    last = connection.execute(Holiday.__table__.select().order_by(Holiday.day.desc())).first()
    if last is None:
        return missed("holidays", "holidays-empty")
    end = last.day.replace(month=12, day=31)
    ok = end >= (now + AHEAD).date()
    return judged("holidays", "holidays-known", "holidays-end", ok=ok, until=end.isoformat())


def _disk(folder: Path) -> Finding:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free
    told = f"{free / 1e9:.1f}"
    return judged("disk", "disk-free", "disk-full", ok=free >= FREE_BYTES, free=told)


def _spool(folder: Path) -> Finding:
    """Make sure that a report finds its place on the disk when the database is away."""
    told = {"folder": folder, "waiting": len(spool.waiting(folder)), "spoilt": spool.spoilt(folder)}
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(there, os.W_OK):
        return missed("spool", "spool-closed", **told)
    if told["spoilt"]:
        return missed("spool", "spool-spoilt", **told)
    return judged("spool", "spool-empty", "spool-waits", ok=not told["waiting"], **told)


def _secrets(folder: Path) -> Finding:
    """Make sure that nobody but the desk's own account reads the secrets."""
    loose = [
        name
        for name in SECRETS
        if (folder / name).exists() and (folder / name).stat().st_mode & FOREIGN_BITS
    ]
    names = " ".join(str(folder / name) for name in loose)
    return judged("secrets", "secrets-closed", "secrets-open", ok=not loose, files=names)


def _fonts() -> Finding:
    missing = [f"{part} ({face})" for part, is_true, face in fonts_report() if not is_true]
    return judged("fonts", "fonts-there", "fonts-missing", ok=not missing, fonts=", ".join(missing))


def _shaping() -> Finding:
    """Without this library a Chinese document takes a minute, and nothing says why.

    WeasyPrint is not asked: it would cost each process of the desk 20 MB and a second.
    """
    there = find_library(SUBSETTER) is not None
    return judged("shaping", "shaping-there", "shaping-missing", ok=there)


def _versions() -> Finding:
    try:
        wanted = [Requirement(line) for line in requires(DISTRIBUTION) or ()]
    except PackageNotFoundError:
        return missed("versions", "not-installed")
    old = list(_too_old(one for one in wanted if one.marker is None or one.marker.evaluate()))
    return judged("versions", "versions-good", "versions-old", ok=not old, packages=", ".join(old))


def _too_old(wanted: Iterator[Requirement]) -> Iterator[str]:
    for one in wanted:
        try:
            found = version(one.name)
        except PackageNotFoundError:
            found = None
        if found is None or not one.specifier.contains(Version(found), prereleases=True):
            yield f"{one.name} {found or '-'} ({one.specifier})"
