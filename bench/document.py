"""Write docs/figures.md from the results of the last run."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench.figures import markdown, read

HEADER = """# Figures

Made by `make bench` (`.venv/bin/python -m bench --write docs/figures.md`); not edited by hand.

Each figure stands beside its floor, which is the bare thing measured in the same run under the same
settings, and beside the aim that was set before anything was built. Server, database and load
share the cores of one machine. PostgreSQL has fsync, synchronous_commit and full_page_writes on;
SQLite is in WAL mode with synchronous=FULL. "Load before" is the machine's load average when a
subject began: above the number of cores, something else was running, and times are worse than
they need be.

- intake: the floor is a Flask route that inserts two rows and commits, by the same gunicorn.
- delivery: the floor is bare Flask-SocketIO on the same worker, which sends as many events as a
  report leads to; the time is that of the first of them. 300 screens look at one threaded
  process on SQLite, 1,000 at `tocsin live` beside `tocsin web` on PostgreSQL.
- alerts: the provider answers in 20 ms and refuses each tenth message once, for a second.
- engine: steps are late by the time from when they were due to when they were taken; the first
  provider refuses everything and the second takes over; a real alert begins while a drill drains.
- drills: injects are late by the time from when they were due to when they were played; screens
  look at one drill on one threaded process; the floor of a real alert is the same without a drill.
- reading: the floor is the same page with 100 incidents. The large archive is copied by SQL, its
  entries are not chained.
- briefing: the floor is WeasyPrint alone, in its own process, on a plain page of the same text.
- footprint: proportional set size, summed over the process tree of `tocsin serve` on SQLite.
"""


def write(path: Path, subjects: Iterable[str], folder: Path) -> None:
    """Write the document of all subjects that have results."""
    parts = [HEADER]
    for subject in subjects:
        figures, about = read(subject, folder)
        if figures:
            parts.append(f"## {subject}\n\n{_when(about)}\n\n{markdown(figures)}\n")
    path.write_text("\n".join(parts), encoding="utf-8")


def _when(about: dict[str, Any]) -> str:
    quick = " In the quick form, whose figures say little." if about["quick"] else ""
    machine = f"{about['cores']} cores, {about['memory_mb']:,} MB, Python {about['python']}"
    load, seconds = about["load_before"], about["seconds"]
    return f"{about['at']}, {machine}; load before: {load}; took {seconds} s.{quick}"
