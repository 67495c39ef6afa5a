"""Whether the process lives, and whether the desk can work; for balancers and watchmen."""

from dataclasses import dataclass

from flask import Blueprint, Response

from incident.api import answering
from incident.api.contract import operation
from incident.queries import shell
from incident.web.access import public
from incident.web.desk import services

blueprint = Blueprint("api_health", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The process answers."""

    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """When the engine last turned; null when it never did."""

    alive: bool
    age_seconds: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """The database answers; `status` is ready, or degraded while the engine is silent.

    Reports can be filed without the engine, so it does not make a web process unready.
    """

    status: str
    database: bool
    engine: Engine


@blueprint.get("/healthz")
@public
@operation("Tell that the process answers.", scope=None, answer=Health)
def health() -> Response:
    return answering.respond(Health(status="ok"))


@blueprint.get("/readyz")
@public
@operation("Tell whether database and engine answer.", scope=None, answer=Readiness)
def ready() -> Response:
    desk = services()
    with desk.reading() as session:
        pulse = shell.engine(session, desk.now())
    return answering.respond(
        Readiness(
            status="ready" if pulse.alive else "degraded",
            database=True,
            engine=Engine(alive=pulse.alive, age_seconds=pulse.age_seconds),
        )
    )
