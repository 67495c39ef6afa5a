"""A desk for tests: services on a migrated database, people in every role, incidents in any state.

def test_something(services):                        # fixture: runs on SQLite and on PostgreSQL
    people = make_people(services)                   # {role: Who}, the account's name is the role
    incident = make_incident(services, state="responding", grade="II")
    act(services, incident, "note", people["duty_officer"], text="…")
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from sqlalchemy.util import LRUCache

from incident import schema, words
from incident.clock import Clock, FrozenClock
from incident.db import make_engine
from incident.inputs.base import parse
from incident.inputs.opinions import Declaration, OpinionInput
from incident.inputs.people import NewUser
from incident.inputs.report import ReportInput
from incident.models import Incident, User
from incident.operations import (
    access,
    actions,
    consulting,
    pace,
    passwords,
    people,
    reporting,
    steps,
)
from incident.services import Services, build
from incident.settings import load
from incident.who import DESK, Who
from notifications.channel import Channels
from tests.support.databases import Databases
from workflows.library import Library
from workflows.lifecycle import ASIDE, MAIN_LINE, Role, State

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
PASSWORD = "Correct-horse-9x"
DIVISION = "330106"
ENVIRONMENT = {"TOCSIN_JURISDICTION": "330100", "TOCSIN_SECRET_KEY": "0123456789abcdef" * 4}
NO_CHANNELS = Channels(live={}, drill={})
_MIGRATED: set[str] = set()
_FIRST: dict[str, Engine] = {}
_STATEMENTS: LRUCache[Any, Any] = LRUCache(3000)


def desk_database(databases: Databases) -> str:
    """Return the URL of a migrated database without people or incidents."""
    url = databases.like("desk", _migrate)
    _MIGRATED.add(url)
    return url


def make_services(
    database_url: str,
    folder: Path,
    *,
    now: datetime = NOW,
    clock: Clock | None = None,
    channels: Channels = NO_CHANNELS,
    **environment: str,
) -> Services:
    """Build services on a database, empty or migrated; the clock stands at `now`.

    `environment` is settings by name. Whoever builds disposes of `services.engine`.
    """
    given = {
        **ENVIRONMENT,
        "TOCSIN_DATABASE_URL": database_url,
        "TOCSIN_DATA_DIR": str(folder),
        **environment,
    }
    if database_url not in _MIGRATED:
        _migrate(database_url)
    services = build(load(given), channels, clock=clock or FrozenClock(now), library=_library())
    _share_statements(services.engine)
    return services


@contextmanager
def open_services(database_url: str, folder: Path, **rest: Any) -> Iterator[Services]:
    """Build services as make_services does, and close them after the block."""
    services = make_services(database_url, folder, **rest)
    try:
        yield services
    finally:
        services.engine.dispose()


def make_people(services: Services) -> dict[str, Who]:
    """Return one person for each role, known by it, with PASSWORD; made at the first call."""
    with services.transaction() as session:
        there = {user.name: user for user in session.scalars(select(User))}
        return {
            role: people.who_is(there[role])
            if role in there
            else _person(session, role, (role,), number, services.now())
            for number, role in enumerate(Role, start=1)
        }


def make_person(services: Services, name: str, *roles: str, number: int = 50) -> Who:
    """Return a further person; `number` is the end of the telephone number."""
    with services.transaction() as session:
        return _person(session, name, roles, number, services.now())


def make_token(services: Services, name: str, *scopes: str, days: int = 90) -> str:
    """Return a token for the API that belongs to the account."""
    with services.transaction() as session:
        user = people.find(session, name)
        return access.issue_token(
            session, user, scopes=scopes, days=days, who=DESK, now=services.now()
        )


def raw_report(**changes: Any) -> dict[str, Any]:
    """Return a report as it comes in by the API."""
    return {
        "kind": "food",
        "source": "hospital",
        "place": {"division": DIVISION, "address": "示例路1号"},
        "setting": "school",
        "unit": {"name": "示例市第一实验小学"},
        "occurred_at": "2026-11-22T23:30:00+08:00",
        "counts": {"ill": 40, "severe": 2, "basis": "suspected"},
        "symptoms": ["呕吐", "腹泻"],
        **changes,
    }


def make_incident(
    services: Services,
    *,
    state: str = State.REPORTED,
    grade: str | None = None,
    drill: str | None = None,
    **report: Any,
) -> Incident:
    """Return an incident that was taken to a state by the people of make_people.

    `grade` is asked for from grading on; from responding on it is III unless told.
    `report` changes what was reported, as in raw_report. The clock of a `drill` runs.
    """
    who = make_people(services)
    if drill is not None:
        let_run(services, drill)
    number = services.take_number(str(report.get("kind", "food")), drill=drill is not None)
    with services.transaction() as session:
        _, incident = reporting.receive(
            session,
            parse(ReportInput, raw_report(**report)),
            number=number,
            who=who[Role.DUTY_OFFICER],
            now=services.now(),
            rules=services.rules,
            drill=drill,
        )
    _carry(services, incident, State(state), grade, who)
    return read(services, number)


def let_run(services: Services, drill: str, *, speed: float = 1.0) -> None:
    """Let the clock of a drill run from now on, unless it runs."""
    with services.transaction() as session:
        if pace.of(session, drill).stands:
            pace.run(session, drill, speed=speed, now=services.now())


def act(services: Services, incident: Incident, name: str, who: Who, **raw: Any) -> Incident:
    """Take an action as the web and the API do; return the incident as it then is."""
    with services.transaction() as session:
        held = steps.hold(session, incident.number, beside=actions.also_held(name, raw))
        actions.perform(session, held, name, raw, services.context(who))
    return held


def read(services: Services, number: str) -> Incident:
    """Return an incident as the database has it."""
    with services.reading() as session:
        found = session.scalar(select(Incident).where(Incident.number == number))
        assert found is not None
        return found


def _migrate(url: str) -> None:
    engine = make_engine(url)
    try:
        if schema.current(engine) != schema.newest():
            schema.upgrade(engine)
    finally:
        engine.dispose()


def _share_statements(engine: Engine) -> None:
    """Let all desks of one kind of database remember how statements are written."""
    first = _FIRST.setdefault(engine.dialect.name, engine)
    engine.dialect = first.dialect
    engine.update_execution_options(compiled_cache=_STATEMENTS)


def _person(session: Session, name: str, roles: tuple[str, ...], number: int, now: datetime) -> Who:
    user = session.scalar(select(User).where(User.name == name))
    if user is None:
        new = NewUser(
            name=name,
            roles=roles,
            display=words.label("roles", name),
            phone=f"+861000000000{number:02d}",
        )
        user, _ = people.add(session, new, who=DESK, now=now)
        user.password, user.activation = _hashed(), None
    return people.who_is(user)


@cache
def _library() -> Library:
    return Library.load()


@cache
def _hashed() -> str:
    return passwords.HASHER.hash(PASSWORD)


def _carry(
    services: Services,
    incident: Incident,
    state: State,
    grade: str | None,
    who: Mapping[str, Who],
) -> None:
    if state in ASIDE:
        _put_aside(services, incident, state, who)
        return
    reached = MAIN_LINE.index(state)
    if reached >= 1:
        act(services, incident, "verify", who[Role.DUTY_OFFICER], conclusion="属实")
    if grade or reached >= 2:
        _grade(services, incident, grade or "III", who)
    for step in (_activate, _convene, _conclude, _terminate, _archive)[: max(0, reached - 1)]:
        step(services, incident, grade or "III", who)


def _put_aside(
    services: Services, incident: Incident, state: State, who: Mapping[str, Who]
) -> None:
    leader = who[Role.DUTY_LEADER]
    if state == State.DISMISSED:
        act(services, incident, "dismiss", who[Role.DUTY_OFFICER], reason="误报")
        act(services, incident, "dismiss", leader, reason="误报")
    elif state == State.MERGED:
        other = make_incident(services, drill=incident.drill)
        act(services, incident, "merge", leader, into=other.number, reason="同一事件")
    else:
        brought = {"office": "示例省市场监督管理局", "acceptance": "已签收"}
        act(services, incident, "transfer", leader, **brought)


def _grade(services: Services, incident: Incident, grade: str, who: Mapping[str, Who]) -> None:
    proposal = {"grade": grade, "reason": "按预案标准"}
    act(services, incident, "propose_grade", who[Role.DUTY_OFFICER], **proposal)
    approval = {"grade": grade, "criterion": "预案标准", "expert_advice": "同意", "reason": "同意"}
    act(services, incident, "approve_grade", who[Role.COMMANDER], **approval)


def _activate(services: Services, incident: Incident, grade: str, who: Mapping[str, Who]) -> None:
    brought = {
        "matters": "开展应急处置",
        "level": grade,
        "expected_until": (services.now() + timedelta(days=2)).isoformat(),
        "measures": "救治患者，封存可疑食品",
    }
    act(services, incident, "activate", who[Role.COMMANDER], **brought)


def _convene(services: Services, incident: Incident, _: str, who: Mapping[str, Who]) -> None:
    brought = {
        "question": "可能的致病因素？",
        "experts": [Role.EXPERT],
        "due_at": (services.now() + timedelta(hours=4)).isoformat(),
    }
    act(services, incident, "convene", who[Role.COMMANDER], **brought)


def _conclude(services: Services, incident: Incident, _: str, who: Mapping[str, Who]) -> None:
    context = services.context(who[Role.EXPERT])
    with services.transaction() as session:
        asked = consulting.running(session, incident.id)
        assert asked is not None
        consulting.declare(session, asked, Declaration(), context)
        opinion = OpinionInput(confidence="high", text="符合细菌性食物中毒特征")
        consulting.give(session, asked, opinion, context)
    brought = {"conclusion": "细菌性食物中毒", "password": PASSWORD}
    act(services, incident, "conclude", who[Role.CHAIR], **brought)


def _terminate(services: Services, incident: Incident, _: str, who: Mapping[str, Who]) -> None:
    plan = services.rules.library.plan(incident.plan)
    findings = {criterion.id: True for criterion in plan.termination}
    act(services, incident, "terminate", who[Role.COMMANDER], findings=findings)


def _archive(services: Services, incident: Incident, _: str, who: Mapping[str, Who]) -> None:
    brought = {
        "review": {"course": "经过", "well": "响应及时", "not_well": "采样偏晚"},
        "personal_data": {"decision": "destroy", "reason": "处置完毕"},
    }
    act(services, incident, "archive", who[Role.DUTY_LEADER], **brought)
