"""Whether the engine turns; on request, after waiting for a whole turn of it."""

from dataclasses import dataclass
from datetime import datetime
from threading import BoundedSemaphore

from flask import Blueprint, Response

from incident.api import answering, reading
from incident.api.contract import operation
from incident.errors import TooMany, Unavailable
from incident.inputs.base import Input
from incident.queries import oversight, shell
from incident.services import Services
from incident.web.access import public
from incident.web.desk import services

blueprint = Blueprint("api_engine", __name__)

LOOKS, PAUSE = 100, 0.2  # 20 seconds in all: a turn comes every second, a takeover within 20
AT_ONCE = 4  # who waits holds a thread, and anybody may ask
waiting = BoundedSemaphore(AT_ONCE)


class Asked(Input):
    """With `wait=1` the answer comes after a whole turn of the engine."""

    wait: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Turning:
    """The engine turns; `waited` says that a whole turn was seen, from its beginning to its end."""

    age_seconds: int | None
    waited: bool


@blueprint.get("/health/engine")
@public
@operation(
    "Tell whether the engine turns; with `wait=1` after a whole turn of it.",
    scope=None,
    answer=Turning,
    query=Asked,
    problems=(429,),
)
def show() -> Response:
    desk = services()
    wait = bool(reading.query(Asked).wait)
    if wait:
        _wait(desk)
    with desk.reading() as session:
        pulse = shell.engine(session, desk.now())
    if not pulse.alive:
        raise Unavailable("engine-silent")
    return answering.respond(Turning(age_seconds=pulse.age_seconds, waited=wait))


def _wait(desk: Services) -> None:
    """Return after a turn that began later than now has ended; raise Unavailable after a while."""
    if not waiting.acquire(blocking=False):
        raise TooMany(retry_after=5)
    try:
        _see_turns(desk, 2)  # the second one begins after the first has ended
    finally:
        waiting.release()


def _see_turns(desk: Services, wanted: int) -> None:
    last, rung = _turned(desk), 0
    for _ in range(LOOKS):
        rung = desk.bell.wait(rung, PAUSE)
        turned = _turned(desk)
        if turned != last:
            last, wanted = turned, wanted - 1
        if not wanted:
            return
    raise Unavailable("engine-silent")


def _turned(desk: Services) -> datetime | None:
    with desk.reading() as session:
        return oversight.turned_at(session)
