"""The whole desk goes into one file and comes back, on either database, or not at all."""

import io
import json
import tarfile
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, Table, func, select

from drills import player, runs
from drills.scenario.files import shipped
from incident import schema
from incident.backup import Manifest, back_up
from incident.db import make_engine
from incident.models import Entry, Incident, User, WebSession
from incident.operations import people
from incident.operations.audit import verify
from incident.restoring import BadBackup, NotEmpty, restore
from incident.services import Services
from incident.store import Store
from incident.who import DESK
from tests.support.databases import Databases
from tests.support.desk import NOW, desk_database, make_incident, make_people, make_services
from tests.support.running import session_cookie

FILE = "附件内容".encode()
CHANGED = {"chain_head", "entries", "web_sessions"}  # by the restoring itself


@pytest.fixture
def desk(services: Services) -> Services:
    """A desk with a bit of everything: incidents aside, experts, a drill, a file, a session."""
    make_people(services)
    for state in ("closed", "merged", "responding"):
        make_incident(services, state=state)
    runs.start(services, shipped()["school-canteen-salmonella"])
    player.play_due(services)
    services.store.put(FILE)
    session_cookie(services, "commander")
    return services


@pytest.fixture
def archive(desk: Services, tmp_path: Path) -> Path:
    keep(desk, tmp_path / "desk.tar.gz")
    return tmp_path / "desk.tar.gz"


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An empty database of either kind."""
    databases: Databases = request.getfixturevalue(f"{request.param}_databases")
    engine = make_engine(databases.empty())
    yield engine
    engine.dispose()


def keep(desk: Services, file: Path) -> Manifest:
    return back_up(desk.engine, desk.store, file, organisation="示例市", now=desk.now())


def rows(engine: Engine, *, without: Collection[str] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, as the database itself tells of them."""
    found = MetaData()
    with engine.connect() as connection:
        found.reflect(connection)
        return {
            name: sorted(tuple(map(str, row)) for row in connection.execute(_ordered(table)))
            for name, table in found.tables.items()
            if name not in without
        }


def _ordered(table: Table) -> Any:
    return select(*sorted(table.columns, key=lambda column: column.name))


def test_a_desk_comes_back_as_it_was_on_either_database(
    desk: Services, archive: Path, target: Engine, tmp_path: Path
) -> None:
    store = Store(tmp_path / "other")

    done = restore(target, store, archive, now=NOW)

    before, after = (rows(engine, without=CHANGED) for engine in (desk.engine, target))
    same_dialect = desk.engine.dialect.name == target.dialect.name
    assert {name: len(found) for name, found in after.items()} == {
        name: len(found) for name, found in before.items()
    }
    assert not same_dialect or after == before
    assert store.digests() == desk.store.digests()
    assert done.rows == sum(kept.rows for kept in done.manifest.tables.values())


def test_the_chain_goes_on_after_the_restored_one(
    desk: Services, archive: Path, target: Engine, tmp_path: Path
) -> None:
    done = restore(target, Store(tmp_path / "other"), archive, now=NOW)
    url = target.url.render_as_string(hide_password=False)
    anew = make_services(url, tmp_path / "other-desk")

    make_incident(anew, state="grading")
    with anew.transaction() as session:
        people.invite(session, people.find(session, "expert"), who=DESK, now=NOW)

    with anew.reading() as session:
        found = verify(session)
        restored = session.scalars(select(Entry).where(Entry.type == "desk_restored")).one()
        open_sessions = session.scalar(
            select(func.count()).select_from(WebSession).where(WebSession.ended_at.is_(None))
        )
    assert found.is_whole
    assert restored.seq == done.manifest.entries + 1
    assert open_sessions == 0
    anew.engine.dispose()


def test_a_desk_that_is_there_is_not_overwritten(
    desk: Services, archive: Path, tmp_path: Path
) -> None:
    before = rows(desk.engine)

    with pytest.raises(NotEmpty):
        restore(desk.engine, desk.store, archive, now=NOW)

    assert rows(desk.engine) == before


def test_it_is_overwritten_when_told_to(desk: Services, archive: Path) -> None:
    before = rows(desk.engine, without=CHANGED)
    make_incident(desk)

    restore(desk.engine, desk.store, archive, now=NOW, over=True)

    assert rows(desk.engine, without=CHANGED) == before
    assert schema.current(desk.engine) == schema.newest()


def test_a_freshly_prepared_database_counts_as_empty(
    archive: Path, sqlite_databases: Databases, tmp_path: Path
) -> None:
    engine = make_engine(desk_database(sqlite_databases))

    restore(engine, Store(tmp_path / "other"), archive, now=NOW)

    engine.dispose()


def test_no_secret_is_in_it(desk: Services, archive: Path) -> None:
    secret = desk.settings.secret_key.encode()
    with tarfile.open(archive) as opened:
        contents = [opened.extractfile(one) for one in opened.getmembers()]
        everything = b"".join(file.read() for file in contents if file)

    assert secret not in everything
    assert archive.stat().st_mode & 0o077 == 0


def test_what_is_written_while_it_runs_is_in_it_whole_or_not_at_all(
    desk: Services, tmp_path: Path
) -> None:
    manifest = keep(desk, tmp_path / "first.tar.gz")
    make_incident(desk)

    with desk.reading() as session:
        assert session.scalar(select(func.max(Entry.seq))) > manifest.entries
    assert manifest.tables["entries"].rows == manifest.entries
    assert not list(tmp_path.glob(".backup-*"))


def _without(name: str) -> Callable[[dict[str, bytes]], None]:
    return lambda members: members.pop(name) and None


def _flip(name: str) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        content = members[name]
        middle = len(content) // 2
        members[name] = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]

    return change


def _told_otherwise(**told: object) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        manifest = json.loads(members["manifest.json"])
        members["manifest.json"] = json.dumps({**manifest, **told}).encode()

    return change


def _besides(members: dict[str, bytes]) -> None:
    members["../../evil"] = b"x"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_without("tables/users.jsonl"), "not whole"),
        (_without("manifest.json"), "manifest"),
        (_flip("tables/entries.jsonl"), "was changed"),
        (_flip("tables/users.jsonl"), "was changed"),
        (_told_otherwise(schema="20200101_old"), "schema 20200101_old"),
        (_told_otherwise(format=99), "format 99"),
        (_told_otherwise(head="0" * 64), "chain"),
        (_told_otherwise(surprise=1), "manifest"),
        (_besides, "not whole"),
    ],
)
def test_a_backup_that_is_not_true_changes_nothing(
    archive: Path,
    sqlite_databases: Databases,
    tmp_path: Path,
    change: Callable[[dict[str, bytes]], None],
    told: str,
) -> None:
    engine = make_engine(desk_database(sqlite_databases))
    before = rows(engine)
    bad = _repacked(archive, tmp_path / "bad.tar.gz", change)

    with pytest.raises(BadBackup, match=told):
        restore(engine, Store(tmp_path / "other"), bad, now=NOW)

    assert rows(engine) == before
    engine.dispose()


def _repacked(source: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with tarfile.open(source) as opened:
        files = {one.name: opened.extractfile(one) for one in opened.getmembers()}
        members = {name: file.read() for name, file in files.items() if file}
    change(members)
    with tarfile.open(target, "w:gz") as packed:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))
    return target


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08\x00cut off"])
def test_a_file_that_is_no_backup_is_refused(
    sqlite_databases: Databases, tmp_path: Path, content: bytes
) -> None:
    engine = make_engine(sqlite_databases.empty())
    file = tmp_path / "x.tar.gz"
    file.write_bytes(content)

    with pytest.raises(BadBackup):
        restore(engine, Store(tmp_path / "other"), file, now=NOW)

    engine.dispose()


def test_a_file_that_is_cut_off_is_refused(
    archive: Path, sqlite_databases: Databases, tmp_path: Path
) -> None:
    engine = make_engine(desk_database(sqlite_databases))
    cut = tmp_path / "cut.tar.gz"
    cut.write_bytes(archive.read_bytes()[:-2000])

    with pytest.raises(BadBackup):
        restore(engine, Store(tmp_path / "other"), cut, now=NOW)

    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(User)).scalar() == 0
        assert connection.execute(select(func.count()).select_from(Incident)).scalar() == 0
    engine.dispose()
