"""Drills for tests of pages: a run with people in its parts, and clients that are signed in."""

from collections.abc import Callable, Mapping

from flask.testing import FlaskClient
from sqlalchemy import select

from drills import app as application
from drills import enrolling, participants, player, runs, schedule
from drills.models import DrillInject, DrillRun
from drills.scenario.files import shipped
from incident.models import User
from incident.services import Services
from incident.who import Who
from tests.support.running import session_cookie

CANTEEN = "school-canteen-salmonella"
As = Callable[[str], FlaskClient]


def clients(services: Services) -> As:
    """Return what signs an account in; forms need no CSRF token there."""

    def client(account: str) -> FlaskClient:
        app = application.make_app(services)
        app.config["WTF_CSRF_METHODS"] = ()
        app.config["RATELIMIT_ENABLED"] = False
        made = app.test_client()
        made.set_cookie(*session_cookie(services, account))
        return made

    return client


def prepare_run(
    services: Services,
    director: Who,
    *,
    scenario: str = CANTEEN,
    colleagues: bool = False,
    speed: float = 4,
) -> DrillRun:
    """Return a prepared run with the usual people."""
    run = runs.prepare(
        services, shipped()[scenario], who=director, speed=speed, colleagues=colleagues
    )
    with services.transaction() as session:
        held = runs.hold(session, run.key)
        enrolling.usual(session, held, now=services.now(), rules=services.rules)
    return run


def begin_run(services: Services, director: Who, **rest: object) -> DrillRun:
    """Return a run that goes on, its first injects played."""
    run = prepare_run(services, director, **rest)  # type: ignore[arg-type]
    with services.transaction() as session:
        runs.begin(session, run.key, who=director, now=services.now())
    player.play_due(services)
    return run_of(services, run.key)


def run_of(services: Services, key: str) -> DrillRun:
    """Return a run as it stands."""
    with services.reading() as session:
        return runs.find(session, key)


def injects(services: Services, key: str) -> Mapping[str, DrillInject]:
    """Return the injects of a run by their name, of those that repeat the last."""
    with services.reading() as session:
        return {row.inject: row for row in schedule.of_run(session, runs.find(session, key))}


def enrol(services: Services, key: str, account: str, plays: str, part: str | None = None) -> None:
    """Let somebody take part in a run."""
    with services.transaction() as session:
        user = session.scalars(select(User).where(User.name == account)).one()
        participants.enrol(session, runs.hold(session, key), user, plays, part=part)
