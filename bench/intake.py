"""Report intake over HTTP: the full work of a report, beside two bare inserts."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import func, select

from bench import desks, floor, load, processes
from bench.desks import Desk
from bench.figures import Figure, Scale
from bench.load import Plan, Seen
from bench.samples import milliseconds
from incident.models import Incident

SUBJECT = "intake"
CONCURRENCY = (1, 8, 32)
FLOOR_SHARE = 0.15
AIMS = {8: (400, 40), 32: (0, 200)}  # requests a second at least; milliseconds of p99 at most
PATH = "/api/v1/reports"


def measure(scale: Scale) -> list[Figure]:
    """Measure on PostgreSQL with fsync on, and on SQLite."""
    return [figure for dialect in desks.dialects(scale) for figure in _measure(dialect, scale)]


def _measure(dialect: str, scale: Scale) -> list[Figure]:
    with desks.desk(dialect, scale) as desk:
        body = load.body_of(desks.report(desk))
        with _bare(desk) as port:
            bare = _loads(Plan(port=port, path=floor.PATH, body=body, concurrency=1, seconds=0))
            low = {at: bare(at, scale) for at in CONCURRENCY}
        with desk.web("web", "--workers", str(floor.WORKERS), "--threads", str(floor.THREADS)):
            token = {"Authorization": f"Bearer {desk.token}"}
            plan = Plan(
                port=desk.port, path=PATH, body=body, headers=token, concurrency=1, seconds=0
            )
            full = _loads(plan)
            seen = {at: full(at, scale) for at in CONCURRENCY}
            keyed = full(8, scale, keys=True)
        every = [*seen.values(), keyed, full.warm]
        found = [_kept(desk, dialect, every), _spooled(dialect, every)]
    for at in CONCURRENCY:
        found += _figures(dialect, at, seen[at], low[at])
    return [*found, _rate(f"{dialect}, 8 at once, with a key", keyed, low[8], None)]


class _loads:  # noqa: N801 - called like a function
    """Sends a plan at the concurrencies asked for, after a warm-up."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.warm = self._send(16, 1.0, keys=False)

    def __call__(self, concurrency: int, scale: Scale, *, keys: bool = False) -> Seen:
        return self._send(concurrency, 0.5 if scale.quick else 6.0, keys=keys)

    def _send(self, concurrency: int, seconds: float, *, keys: bool) -> Seen:
        plan = self._plan
        return load.run(
            Plan(
                port=plan.port,
                path=plan.path,
                body=plan.body,
                headers=plan.headers,
                concurrency=concurrency,
                seconds=seconds,
                keys=keys,
            )
        )


@contextmanager
def _bare(desk: Desk) -> Iterator[int]:
    """Serve the floor on the desk's port and database."""
    floor.prepare(desk.services.engine)
    command = processes.module("bench.floor")
    with processes.running(command, desk.environment, log=desk.log) as server:
        processes.until_answers(f"{desk.url}/healthz", server, log=desk.log)
        yield desk.port


def _figures(dialect: str, at: int, seen: Seen, low: Seen) -> list[Figure]:
    name = f"{dialect}, {at} at once"
    rate, p99 = AIMS.get(at, (0, 0)) if dialect == "postgresql" else (0, 0)
    share = seen.rate / low.rate
    is_aimed = dialect == "postgresql"
    return [
        _rate(name, seen, low, rate or None),
        Figure(
            subject=SUBJECT,
            name=f"{name}, share of the floor",
            value=round(share * 100, 1),
            unit="%",
            floor=100,
            aim=f"≥ {FLOOR_SHARE:.0%}" if is_aimed else "",
            met=share >= FLOOR_SHARE if is_aimed else None,
        ),
        _time(f"{name}, p50", seen.p50, low.p50, None),
        _time(f"{name}, p99", seen.p99, low.p99, p99 or None),
        Figure(
            subject=SUBJECT,
            name=f"{name}, errors",
            value=seen.errors,
            floor=low.errors,
            aim="0",
            met=not seen.errors,
        ),
    ]


def _rate(name: str, seen: Seen, low: Seen, least: int | None) -> Figure:
    return Figure(
        subject=SUBJECT,
        name=name,
        value=round(seen.rate, 1),
        unit="/s",
        floor=round(low.rate, 1),
        aim=f"> {least}/s" if least else "",
        met=seen.rate > least if least else None,
    )


def _time(name: str, value: float, low: float, most: int | None) -> Figure:
    return Figure(
        subject=SUBJECT,
        name=name,
        value=milliseconds(value),
        unit="ms",
        floor=milliseconds(low),
        aim=f"< {most} ms" if most else "",
        met=milliseconds(value) < most if most else None,
    )


def _kept(desk: Desk, dialect: str, seen: list[Seen]) -> Figure:
    """Compare what was accepted with what the database holds."""
    with desk.services.reading() as session:
        kept = session.scalar(select(func.count()).select_from(Incident)) or 0
    answered = sum(each.count - each.spooled for each in seen)
    return Figure(
        subject=SUBJECT,
        name=f"{dialect}, accepted but not kept",
        value=answered - kept,
        aim="0",
        met=answered == kept,
    )


def _spooled(dialect: str, seen: list[Seen]) -> Figure:
    """Count what was answered 202: taken while the database let nobody in, entered later."""
    return Figure(
        subject=SUBJECT,
        name=f"{dialect}, taken into the spool",
        value=sum(each.spooled for each in seen),
    )
