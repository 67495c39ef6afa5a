"""Drills: injects at their time, observers' screens, way for a real incident, and the report."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from queue import Empty

import requests
from sqlalchemy import func, insert, select

from bench import desks, processes, sockets
from bench.desks import Desk
from bench.figures import Figure, Scale, delays
from bench.samples import milliseconds, percentile
from bench.sockets import Screens
from drills import preempting, runs
from drills.learning import after_action_document, result
from drills.models import DrillInject
from incident.db import table
from incident.documents import OfficialDocument
from incident.models import OutgoingMessage
from incident.operations import pace
from incident.press import Press
from incident.who import DESK
from tests.support import rehearsal
from tests.support.desk import make_incident, make_people

SUBJECT = "drills"
LATE_AIM, SCREEN_AIM, STOP_AIM, REAL_AIM, REPORT_AIM = 1.0, 0.3, 3.0, 2.0, 10.0  # seconds
EVERY = 0.09  # seconds of the wall between two injects: 2,000 in three hours at × 60
PER_PERSON = 5  # screens; the desk admits six
PATIENCE = 180.0
NOTE = "/api/v1/incidents/{number}/actions/note"


def measure(scale: Scale) -> list[Figure]:
    return [
        *(f for dialect in desks.dialects(scale) for f in _of_database(dialect, scale)),
        *_to_screens(scale),
        *_report(scale),
    ]


def _of_database(dialect: str, scale: Scale) -> Iterator[Figure]:
    for speed in (1.0, 60.0):
        yield from _lateness(dialect, speed, scale)
    yield from _real_beside_drill(dialect, scale)


def _lateness(dialect: str, speed: float, scale: Scale) -> list[Figure]:
    """Time from when an inject is due to when it is played, among many that are still to come."""
    count, due = scale.pick(2000, 60), scale.pick(500, 20)
    with desks.desk(dialect, scale) as desk, desk.engine():
        key = _begin(desk, speed)
        begins = _reached(desk, key) + timedelta(seconds=2) * speed
        readings = [begins + timedelta(seconds=EVERY) * speed * place for place in range(due)]
        later = [begins + timedelta(days=2)] * (count - due)
        _plan(desk, key, [*readings, *later])
        _until_played(desk, key, due)
        times = _late_by(desk, key)
    name = f"{dialect}, × {speed:g}, inject late, {count} planned"
    return delays(SUBJECT, name, times, LATE_AIM)


def _real_beside_drill(dialect: str, scale: Scale) -> list[Figure]:
    """Time to the provider of a real alert while a drill plays all its injects at once."""
    count = scale.pick(2000, 60)
    with desks.desk(dialect, scale) as desk, desk.gateway(), desk.engine():
        alone = [_to_provider(desk) for _ in range(scale.pick(10, 2))]
        key = _begin(desk, 60.0)
        _plan(desk, key, [_reached(desk, key)] * count)
        _until_played(desk, key, 1)
        beside = [_to_provider(desk) for _ in range(scale.pick(10, 2))]
    p99 = percentile(beside, 0.99)
    return [
        Figure(
            subject=SUBJECT,
            name=f"{dialect}, real alert beside a drill that bursts",
            value=milliseconds(p99),
            unit="ms",
            floor=milliseconds(percentile(alone, 0.99)),
            aim=f"< {REAL_AIM:g} s",
            met=p99 < REAL_AIM,
        )
    ]


def _to_screens(scale: Scale) -> list[Figure]:
    """Time from a fact of a drill to the last of many observers, and until a drill has stopped."""
    count = scale.pick(300, 12)
    with desks.desk("sqlite", scale) as desk, _begun(desk) as key:
        tokens = desks.tokens(desk, -(-count // PER_PERSON))
        own = [tokens[at // PER_PERSON] for at in range(count)]
        plan = sockets.Plan(port=desk.port, tokens=own, drill=key)
        with desk.web("desk"), sockets.watching(plan) as screens:
            shown = _tell_and_watch(desk, key, screens, scale.pick(100, 5))
            stopped = _stop(desk, screens)
    return [
        *delays(SUBJECT, f"fact to the last of {count} observers", shown, SCREEN_AIM),
        Figure(
            subject=SUBJECT,
            name=f"a real incident stops a drill, to the last of {count} observers",
            value=milliseconds(stopped),
            unit="ms",
            aim=f"< {STOP_AIM:g} s",
            met=stopped < STOP_AIM,
        ),
    ]


def _report(scale: Scale) -> list[Figure]:
    """Time for the after-action report of a drill with many injects, from rows to PDF."""
    count = scale.pick(500, 20)
    with desks.desk("sqlite", scale) as desk, Press() as press:
        key = _begin(desk, 60.0)
        _plan(desk, key, [timedelta(days=2)] * count)
        rehearsal.direct(desk.services, "end", key)
        press.print(_document(desk, key))  # the press is warm
        before = time.monotonic()
        press.print(_document(desk, key))
        seconds = time.monotonic() - before
    return [
        Figure(
            subject=SUBJECT,
            name=f"after-action report, {count} injects",
            value=milliseconds(seconds),
            unit="ms",
            aim=f"< {REPORT_AIM:g} s",
            met=seconds < REPORT_AIM,
        )
    ]


def _begin(desk: Desk, speed: float) -> str:
    expected = [rehearsal.expected("verified", {"action": "verify"})]
    return rehearsal.begin(desk.services, rehearsal.first(), speed=speed, expectations=expected)


@contextmanager
def _begun(desk: Desk) -> Iterator[str]:
    yield _begin(desk, 1.0)


def _plan(desk: Desk, key: str, readings: Sequence[timedelta]) -> None:
    """Add an inject at each of some drill times."""
    with desk.services.transaction() as session:
        run = runs.find(session, key)
        rows = [
            {
                "run_id": run.id,
                "inject": f"bench-{place}",
                "turn": 0,
                "content": rehearsal.words(f"bench-{place}", at="0m", segment="main"),
                "is_inserted": True,
                "state": "planned",
                "is_held": False,
                "due_seconds": reading.total_seconds(),
                "is_late": False,
            }
            for place, reading in enumerate(readings)
        ]
        session.execute(insert(table(DrillInject)), rows)


def _reached(desk: Desk, key: str) -> timedelta:
    with desk.services.reading() as session:
        return pace.of(session, key).reached(desk.services.now())


def _until_played(desk: Desk, key: str, count: int) -> None:
    played = select(func.count(DrillInject.id)).where(
        DrillInject.inject.startswith("bench-"), DrillInject.fired_at.is_not(None)
    )

    def enough() -> bool:
        with desk.services.reading() as session:
            return (session.scalar(played) or 0) >= count

    processes.until(enough, f"{count} injects of {key} were played", seconds=PATIENCE)


def _late_by(desk: Desk, key: str) -> list[float]:
    """Return by how many seconds of the wall each inject that came was late."""
    query = select(DrillInject.due_seconds, DrillInject.fired_at).where(
        DrillInject.inject.startswith("bench-"), DrillInject.fired_at.is_not(None)
    )
    with desk.services.reading() as session:
        clock = pace.of(session, key)
        rows = session.execute(query).all()
    return [
        (fired - clock.expect(timedelta(seconds=due))).total_seconds()
        for due, fired in rows
        if due is not None and fired is not None
    ]


def _to_provider(desk: Desk) -> float:
    """Open a real incident; return the seconds until the provider has its first alert."""
    before = time.monotonic()
    incident = make_incident(desk.services)
    query = select(OutgoingMessage.id).where(
        OutgoingMessage.incident_id == incident.id, OutgoingMessage.provider_id.is_not(None)
    )

    def is_accepted() -> bool:
        with desk.services.reading() as session:
            return session.scalar(query.limit(1)) is not None

    processes.until(is_accepted, "the real alert left", seconds=PATIENCE)
    return time.monotonic() - before


def _tell_and_watch(desk: Desk, key: str, screens: Screens, times: int) -> list[float]:
    """Return the seconds from a note in the drill until every observer hears that it came."""
    url = desk.url + NOTE.format(number=rehearsal.incident_of(desk.services, key))
    headers = {"Authorization": f"Bearer {desk.token}"}
    found = []
    with requests.Session() as session:
        for place in range(times):
            before = time.monotonic()
            answer = session.post(
                url,
                json={"text": f"示例 {place}"},
                headers=headers | {"Idempotency-Key": f"bench-{place}"},
                timeout=PATIENCE,
            )
            assert answer.ok, answer.text
            found.append(screens.next(PATIENCE).last - before)
            time.sleep(0.05)
    return found[5:] or found


def _stop(desk: Desk, screens: Screens) -> float:
    """Stop every drill; return the seconds until the last observer hears the last of it."""
    who = make_people(desk.services)["duty_officer"]
    before = time.monotonic()
    with desk.services.transaction() as session:
        preempting.stop_all(session, who=who, now=desk.services.now())
    last = screens.next(PATIENCE).last
    while True:
        try:
            last = screens.next(1.0).last
        except Empty:
            return last - before


def _document(desk: Desk, key: str) -> OfficialDocument:
    context = desk.services.context(DESK)
    with desk.services.reading() as session:
        found = result.result(session, runs.find(session, key), context.now)
        return after_action_document.build(session, found, context, None)
