"""Run the benchmarks: `python -m bench [SUBJECT…] [--quick] [--write docs/figures.md]`."""

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bench import (
    alerts,
    briefing,
    delivery,
    document,
    drills,
    engine,
    footprint,
    intake,
    life,
    reading,
)
from bench.figures import RESULTS, Figure, Scale, save, table
from incident.clock import SystemClock

SUBJECTS: Mapping[str, Callable[[Scale], list[Figure]]] = {
    "intake": intake.measure,
    "delivery": delivery.measure,
    "alerts": alerts.measure,
    "engine": engine.measure,
    "drills": drills.measure,
    "reading": reading.measure,
    "briefing": briefing.measure,
    "life": life.measure,
    "footprint": footprint.measure,
}


def main() -> int:
    given = _arguments()
    found: list[Figure] = []
    for subject in given.subjects or SUBJECTS:
        found += _run(subject, given.results, quick=given.quick)
    print(table(found))
    if given.write:
        document.write(given.write, SUBJECTS, given.results)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("subjects", nargs="*", choices=[[], *SUBJECTS], metavar="SUBJECT")
    parser.add_argument("--quick", action="store_true", help="prove that it runs, in a minute")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the JSON files")
    parser.add_argument("--write", type=Path, help="write what the results say as a document")
    return parser.parse_args()


def _run(subject: str, results: Path, *, quick: bool) -> list[Figure]:
    began, load = time.monotonic(), os.getloadavg()[0]
    print(f"{subject} …", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        figures = SUBJECTS[subject](Scale(quick=quick, folder=Path(folder)))
    about = _about(load, quick=quick, seconds=time.monotonic() - began)
    save(subject, figures, about, results)
    return figures


def _about(load: float, *, quick: bool, seconds: float) -> dict[str, Any]:
    return {
        "quick": quick,
        "at": SystemClock().now().isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
        "cores": len(os.sched_getaffinity(0)),
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1_000_000,
        "python": platform.python_version(),
        "load_before": round(load, 2),
    }


if __name__ == "__main__":
    sys.exit(main())
