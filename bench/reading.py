"""The desk and the incident room: server time with a small archive and with a large one."""

import time
from collections.abc import Sequence

from flask.testing import FlaskClient

from bench import bulk, desks
from bench.bulk import Copies
from bench.desks import Desk
from bench.figures import Figure, Scale
from bench.samples import median, milliseconds, percentile
from incident.app import create_app
from incident.operations import access, people
from incident.web.cookies import cookie_name
from tests.support.desk import make_incident, read

SUBJECT = "reading"
P95_AIM, GROWTH_AIM = 100.0, 2.0
OPEN = 30  # incidents under way, in a small archive and in a large one
FIRST = 10_000  # id of the first copy

Times = dict[str, list[float]]


def measure(scale: Scale) -> list[Figure]:
    sizes = (100, scale.pick(100_000, 300))
    found: list[Figure] = []
    for dialect in desks.dialects(scale):
        small, large = (_times(dialect, size, scale) for size in sizes)
        for page in small:
            found += _figures(f"{dialect}, {page}", small[page], large[page], sizes)
    return found


def _times(dialect: str, size: int, scale: Scale) -> Times:
    """Return the seconds of each page with an archive of a size."""
    with desks.desk(dialect, scale) as desk:
        room = _fill(desk, size)
        client, token = _client(desk), {"Authorization": f"Bearer {desk.token}"}
        pages = {
            "desk": ("/desk", {}),
            "list": ("/incidents", {}),
            "incident room": (f"/incidents/{room}", {}),
            "API list": ("/api/v1/incidents", token),
            "API incident": (f"/api/v1/incidents/{room}", token),
            "API timeline": (f"/api/v1/incidents/{room}/timeline", token),
        }
        rounds = scale.pick(60, 3)
        return {
            name: [_ask(client, path, headers) for _ in range(rounds + 5)][5:]
            for name, (path, headers) in pages.items()
        }


def _fill(desk: Desk, size: int) -> str:
    """Fill the archive; return the number of an incident under way."""
    open_one = make_incident(desk.services, state="responding", grade="III")
    closed = make_incident(desk.services, state="closed", grade="III")
    made = [
        Copies(template=open_one.id, count=OPEN, first=FIRST),
        Copies(template=closed.id, count=size - OPEN, first=FIRST + OPEN),
    ]
    bulk.fill(desk.services.engine, made)
    return read(desk.services, open_one.number).number


def _client(desk: Desk) -> FlaskClient:
    """Return a client in which the duty officer is signed in."""
    with desk.services.transaction() as session:
        reference = access.open_session(
            session,
            people.find(session, "duty_officer"),
            network="127.0.0.1",
            browser="bench",
            now=desk.services.now(),
        )
    client = create_app(desk.services).test_client()
    client.set_cookie(cookie_name(desk.services), reference)
    return client


def _ask(client: FlaskClient, path: str, headers: dict[str, str]) -> float:
    start = time.perf_counter()
    answer = client.get(path, headers=headers)
    seconds = time.perf_counter() - start
    assert answer.status_code == 200, f"{path}: {answer.status}"
    return seconds


def _figures(
    name: str, small: Sequence[float], large: Sequence[float], sizes: tuple[int, int]
) -> list[Figure]:
    p95 = milliseconds(percentile(large, 0.95))
    growth = round(median(large) / median(small), 2)
    return [
        Figure(
            subject=SUBJECT,
            name=f"{name}, {sizes[1]:,} incidents, p95",
            value=p95,
            unit="ms",
            floor=milliseconds(percentile(small, 0.95)),
            aim=f"< {P95_AIM:g} ms",
            met=p95 < P95_AIM,
        ),
        Figure(
            subject=SUBJECT,
            name=f"{name}, {sizes[1]:,} beside {sizes[0]}, p50",
            value=growth,
            unit="×",
            floor=1,
            aim=f"< {GROWTH_AIM:g} ×",
            met=growth < GROWTH_AIM,
        ),
    ]
