"""What a desk needs to be well: each check says whether it is, and the words say what to do."""

import shutil
import stat
from collections.abc import Iterator
from ctypes.util import find_library
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from incident import schema
from incident.clock import Clock
from incident.fonts import fonts_report
from incident.models import Holiday
from incident.settings import Settings

SUBSETTER = "harfbuzz-subset"
SKEW = timedelta(seconds=2)
FREE_BYTES = 1_000_000_000
AHEAD = timedelta(days=60)
SECRETS = ("secret-key", "gateway-token", "example-password")
FOREIGN_BITS = stat.S_IRWXG | stat.S_IRWXO
DISTRIBUTION = "tocsin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check. `state` is a key of templates/words/checks.yaml, with `values` put in."""

    check: str
    ok: bool
    state: str
    values: dict[str, object] = field(default_factory=dict)


def examine(settings: Settings, engine: Engine, clock: Clock) -> list[Finding]:
    """Check everything; a database that does not answer is a finding like others."""
    return [
        *_database(engine, clock),
        _disk(settings.data_dir),
        _secrets(settings.data_dir),
        _channels(settings),
        _fonts(),
        _shaping(),
        _versions(),
    ]


def _database(engine: Engine, clock: Clock) -> Iterator[Finding]:
    try:
        with engine.connect() as connection:
            yield _found("database", "reachable", kind=connection.dialect.name)
            revision = schema.current(engine)
            if revision != schema.newest():
                yield _missed("schema", "schema-old", found=revision, newest=schema.newest())
                return
            yield _found("schema", "schema-new", newest=revision)
            yield _clock(connection, clock)
            yield _durability(connection)
            yield _holidays(connection, clock.now())
    except SQLAlchemyError as error:
        yield _missed("database", "unreachable", problem=type(error).__name__)


def _clock(connection: Connection, clock: Clock) -> Finding:
    """Compare the desk's clock with the database's, which is another machine's at times."""
    told = connection.execute(text(_NOW[connection.dialect.name])).scalar_one()
    database = datetime.fromtimestamp(float(told), UTC)
    apart = abs(database - clock.now())
    seconds = f"{apart.total_seconds():.1f}"
    return _judged("clock", "clock-true", "clock-apart", ok=apart <= SKEW, seconds=seconds)


_NOW = {
    "sqlite": "SELECT (julianday('now') - 2440587.5) * 86400.0",
    "postgresql": "SELECT extract(epoch FROM clock_timestamp())",
}


def _durability(connection: Connection) -> Finding:
    """Make sure that what was accepted is on the disk."""
    if connection.dialect.name == "sqlite":
        asked = {"journal_mode": "wal", "synchronous": "2"}
        told = {name: str(connection.exec_driver_sql(f"PRAGMA {name}").scalar()) for name in asked}
    else:
        asked = {"fsync": "on", "synchronous_commit": "on"}
        told = {name: str(connection.exec_driver_sql(f"SHOW {name}").scalar()) for name in asked}
    wrong = ", ".join(f"{name}={told[name]}" for name in asked if told[name] != asked[name])
    return _judged("durability", "durable", "not-durable", ok=not wrong, wrong=wrong)


def _holidays(connection: Connection, now: datetime) -> Finding:
    last = connection.execute(Holiday.__table__.select().order_by(Holiday.day.desc())).first()
    if last is None:
        return _missed("holidays", "holidays-empty")
    end = last.day.replace(month=12, day=31)
    ok = end >= (now + AHEAD).date()
    return _judged("holidays", "holidays-known", "holidays-end", ok=ok, until=end.isoformat())


def _disk(folder: Path) -> Finding:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free
    told = f"{free / 1e9:.1f}"
    return _judged("disk", "disk-free", "disk-full", ok=free >= FREE_BYTES, free=told)


def _secrets(folder: Path) -> Finding:
    """Make sure that nobody but the desk's own account reads the secrets."""
    loose = [
        name
        for name in SECRETS
        if (folder / name).exists() and (folder / name).stat().st_mode & FOREIGN_BITS
    ]
    names = " ".join(str(folder / name) for name in loose)
    return _judged("secrets", "secrets-closed", "secrets-open", ok=not loose, files=names)


def _channels(settings: Settings) -> Finding:
    if not settings.has_live_sms:
        return _found("channels", "channels-stand-in", port=settings.gateway_port)
    if not settings.is_https:
        return _missed("channels", "channels-no-tls", url=settings.public_url)
    return _found("channels", "channels-live", number=settings.twilio_from_number)


def _fonts() -> Finding:
    missing = [f"{part} ({face})" for part, is_true, face in fonts_report() if not is_true]
    return _judged(
        "fonts", "fonts-there", "fonts-missing", ok=not missing, fonts=", ".join(missing)
    )


def _shaping() -> Finding:
    """Without this library a Chinese document takes a minute, and nothing says why.

    WeasyPrint is not asked: it would cost each process of the desk 20 MB and a second.
    """
    there = find_library(SUBSETTER) is not None
    return _judged("shaping", "shaping-there", "shaping-missing", ok=there)


def _versions() -> Finding:
    try:
        wanted = [Requirement(line) for line in requires(DISTRIBUTION) or ()]
    except PackageNotFoundError:
        return _missed("versions", "not-installed")
    old = list(_too_old(one for one in wanted if one.marker is None or one.marker.evaluate()))
    return _judged("versions", "versions-good", "versions-old", ok=not old, packages=", ".join(old))


def _too_old(wanted: Iterator[Requirement]) -> Iterator[str]:
    for one in wanted:
        try:
            found = version(one.name)
        except PackageNotFoundError:
            found = None
        if found is None or not one.specifier.contains(Version(found), prereleases=True):
            yield f"{one.name} {found or '-'} ({one.specifier})"


def _judged(check: str, good: str, bad: str, *, ok: bool, **values: object) -> Finding:
    return Finding(check=check, ok=ok, state=good if ok else bad, values=values)


def _found(check: str, state: str, **values: object) -> Finding:
    return Finding(check=check, ok=True, state=state, values=values)


def _missed(check: str, state: str, **values: object) -> Finding:
    return Finding(check=check, ok=False, state=state, values=values)
