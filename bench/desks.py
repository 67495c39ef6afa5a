"""A desk to be measured: its database, its people with tokens, and its environment."""

import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bench import processes
from bench.figures import Scale
from incident import schema
from incident.channels import build_channels
from incident.db import make_engine
from incident.models import Role as RoleRow
from incident.models import User
from incident.operations import access, engine
from incident.services import Services, build
from incident.settings import load
from incident.who import DESK
from tests.support import postgres
from tests.support.databases import PostgresDatabases, SqliteDatabases, postgres_databases
from tests.support.desk import ENVIRONMENT, make_people, make_token
from workflows.library import Library

DURABLE = postgres.SETTINGS | {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "128MB",
    "max_wal_size": "4GB",
}
DATABASES = ("postgresql", "sqlite")


def dialects(scale: Scale) -> Sequence[str]:
    """Return what is measured on: in the quick form, which proves the harness, SQLite alone."""
    return DATABASES[1:] if scale.quick else DATABASES


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A desk on a fresh database; its processes are started by whoever measures."""

    environment: Mapping[str, str]
    services: Services
    folder: Path
    token: str

    @property
    def port(self) -> int:
        return self.services.settings.port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @contextmanager
    def web(self, *words: str) -> Iterator[int]:
        """Serve with one of the serving commands; yields the process's id."""
        with processes.running(processes.tocsin(*words), self.environment, log=self.log) as server:
            processes.until_answers(f"{self.url}/healthz", server, log=self.log)
            yield server.pid

    @contextmanager
    def engine(self) -> Iterator[subprocess.Popen[bytes]]:
        """Run the engine; it has begun to turn when this yields."""
        began, command = self.services.now(), processes.tocsin("engine")
        with processes.running(command, self.environment, log=self.log) as process:
            processes.until(lambda: self._turned_since(began), "the engine turns")
            yield process

    def _turned_since(self, moment: datetime) -> bool:
        with self.services.reading() as session:
            turned = engine.last_turn(session)
        return turned is not None and turned > moment

    @contextmanager
    def gateway(self) -> Iterator[str]:
        """Run the stand-in provider; yields its address."""
        url = f"http://127.0.0.1:{self.services.settings.gateway_port}"
        command = processes.tocsin("drill", "gateway")
        with processes.running(command, self.environment, log=self.log) as server:
            processes.until_answers(url, server, log=self.log)
            yield url


@contextmanager
def databases(dialect: str, scale: Scale) -> Iterator[PostgresDatabases | SqliteDatabases]:
    """Hand out databases that keep what they committed: PostgreSQL with fsync on, or SQLite."""
    folder = Path(tempfile.mkdtemp(dir=scale.folder))
    if dialect == "sqlite":
        yield SqliteDatabases(folder=folder, prepared=folder)
        return
    running = postgres.running_server(DURABLE, within=Path(tempfile.gettempdir()))
    with running as server, postgres_databases(server) as made:
        yield made


@contextmanager
def desk(dialect: str, scale: Scale, **environment: str) -> Iterator[Desk]:
    """Make a desk on a fresh database of a kind."""
    with databases(dialect, scale) as made, desk_on(made.empty(), scale, **environment) as found:
        yield found


@contextmanager
def desk_on(url: str, scale: Scale, **environment: str) -> Iterator[Desk]:
    """Make a desk on an empty database: a person in every role, and the duty officer's token."""
    port = processes.free_port()
    folder = scale.folder / f"desk-{port}"
    given = {
        **ENVIRONMENT,
        "TOCSIN_DATABASE_URL": url,
        "TOCSIN_DATA_DIR": str(folder),
        "TOCSIN_PORT": str(port),
        "TOCSIN_GATEWAY_PORT": str(processes.free_port()),
        **environment,
    }
    folder.mkdir(parents=True)
    services = _services(given)
    try:
        make_people(services)
        token = make_token(services, "duty_officer")
        yield Desk(environment=given, services=services, folder=folder, token=token)
    finally:
        services.engine.dispose()


def _services(given: Mapping[str, str]) -> Services:
    settings = load(given)
    empty = make_engine(settings.database_url)
    schema.upgrade(empty)
    empty.dispose()
    return build(settings, build_channels(settings), library=_library())


@cache
def _library() -> Library:
    return Library.load()


def report(desk: Desk, **changes: Any) -> dict[str, Any]:
    """Return a report of a school's canteen as a hospital files it now."""
    now = desk.services.now()
    return {
        "kind": "food",
        "source": "hospital",
        "report_type": "initial",
        "place": {"division": "330106", "address": "示例路1号"},
        "setting": "school",
        "unit": {"name": "示例市第一实验小学"},
        "occurred_at": (now - timedelta(hours=3)).isoformat(),
        "aware_at": (now - timedelta(hours=1)).isoformat(),
        "counts": {"exposed": 320, "ill": 36, "hospitalised": 4, "severe": 0, "deaths": 0},
        "suspect": {"meal": "午餐", "product": "凉拌鸡丝"},
        "symptoms": ["腹泻", "发热", "呕吐"],
        "measures": "留样封存，停止供餐",
        "narrative": "午餐后三小时起陆续有学生腹泻、发热。",
        **changes,
    }


def tokens(desk: Desk, count: int) -> list[str]:
    """Return tokens of so many further members of the desk, a person each."""
    with desk.services.transaction() as session:
        now = desk.services.now()
        people = [_member(number, desk) for number in range(count)]
        session.add_all(people)
        session.flush()
        return [
            access.issue_token(session, person, scopes=(), days=1, who=DESK, now=now)
            for person in people
        ]


def _member(number: int, desk: Desk) -> User:
    user = User(
        name=f"screen-{number}",
        display=f"screen-{number}",
        language="zh",
        created_at=desk.services.now(),
    )
    user.role_rows = [RoleRow(role="group_member")]
    return user
