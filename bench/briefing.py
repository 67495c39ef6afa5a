"""A briefing of two pages: cold and warm, through the press and through the desk."""

import io
import json
import subprocess
import time
from typing import Any

from pypdf import PdfReader

from bench import desks, processes
from bench.bare_print import LINES
from bench.desks import Desk
from bench.figures import Figure, Scale
from bench.samples import median, milliseconds
from incident.documents import OfficialDocument, Section, to_json
from incident.models import Briefing, Rendering
from incident.press import Press
from tests.support.desk import make_incident
from tests.support.papers import make_document

SUBJECT = "briefing"
PRESS_AIM, DESK_AIM, SIZE_AIM, GROWTH_AIM = 100.0, 400.0, 200.0, 1.1


def measure(scale: Scale) -> list[Figure]:
    bare = _bare(scale)
    return [*_press(scale, bare), *_desk(scale)]


def two_pages() -> OfficialDocument:
    """Return a special report that fills two pages with the lines of the floor."""
    return make_document("special", sections=(Section(heading="情况", text="\n".join(LINES)),))


def _bare(scale: Scale) -> dict[str, float]:
    """Print the same text with WeasyPrint alone, in a process of its own."""
    command = processes.module("bench.bare_print", str(scale.pick(30, 3)))
    done = subprocess.run(
        command, cwd=processes.ROOT, capture_output=True, text=True, check=True, timeout=300
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _press(scale: Scale, bare: dict[str, float]) -> list[Figure]:
    document, count = two_pages(), scale.pick(499, 5)  # a child prints 500
    with Press() as press:
        start = time.perf_counter()
        pdf = press.print(document)
        cold = time.perf_counter() - start
        times, sizes = [], []
        for _ in range(count):
            start = time.perf_counter()
            press.print(document)
            times.append(time.perf_counter() - start)
            sizes.append(processes.memory(press.child_pid or 0))
    warm, kilobytes = milliseconds(median(times)), len(pdf) / 1000
    growth = sizes[-1] / sizes[min(20, count - 1)]
    return [
        _figure("press, cold", milliseconds(cold), "ms", bare["cold"]),
        _figure("press, warm, p50", warm, "ms", bare["warm"], PRESS_AIM),
        _figure("size", round(kilobytes, 1), "kB", bare["size"], SIZE_AIM),
        _figure("pages", len(PdfReader(io.BytesIO(pdf)).pages), "", bare["pages"]),
        _figure("press, memory", round(sizes[-1]), "MB", bare["memory"]),
        _figure(f"press, memory after {count} beside after 20", growth, "×", None, GROWTH_AIM),
    ]


def _desk(scale: Scale) -> list[Figure]:
    """Time from the commit of a request to the stored file, by an engine that runs."""
    with desks.desk("postgresql", scale) as desk, desk.engine():
        incident = make_incident(desk.services).id
        cold = ask_for(desk, incident)
        times = [ask_for(desk, incident) for _ in range(scale.pick(40, 2))]
    warm = milliseconds(median(times))
    return [
        _figure("through the desk, cold", milliseconds(cold), "ms", None),
        _figure("through the desk, warm, p50", warm, "ms", None, DESK_AIM),
    ]


def ask_for(desk: Desk, incident: int) -> float:
    """Have a briefing printed; return the seconds until it was stored."""
    plain: dict[str, Any] = json.loads(to_json(two_pages()))
    row = _ask(desk, incident, plain)
    start = time.perf_counter()
    while not _is_done(desk, row):
        assert time.perf_counter() - start < 60, "nothing was printed"
        time.sleep(0.005)
    return time.perf_counter() - start


def _ask(desk: Desk, incident: int, plain: dict[str, Any]) -> int:
    now = desk.services.now()
    with desk.services.transaction() as session:
        count = session.query(Briefing).count()
        briefing = Briefing(
            incident_id=incident,
            kind="special",
            sequence=count + 1,
            status="draft",
            title="专报",
            content={},
            facts={},
            facts_version=1,
            head="",
            created_at=now,
        )
        session.add(briefing)
        session.flush()
        waiting = Rendering(
            briefing_id=briefing.id, document=plain, requested_at=now, due_at=now, attempts=0
        )
        session.add(waiting)
        session.flush()
        return waiting.id


def _is_done(desk: Desk, row: int) -> bool:
    with desk.services.reading() as session:
        found = session.get_one(Rendering, row)
        assert found.error is None, found.error
        return found.digest is not None


def _figure(
    name: str, value: float, unit: str, low: float | None, most: float | None = None
) -> Figure:
    return Figure(
        subject=SUBJECT,
        name=name,
        value=value,
        unit=unit,
        floor=low,
        aim=f"≤ {most:g} {unit}" if most else "",
        met=value <= most if most else None,
    )
