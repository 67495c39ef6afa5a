"""The memory of the whole desk as `tocsin serve` runs it, idle and under load."""

import time
from pathlib import Path

from bench import desks, load, processes
from bench.briefing import ask_for
from bench.desks import Desk
from bench.figures import Figure, Scale
from bench.intake import PATH
from bench.load import Plan
from tests.support.desk import make_incident

SUBJECT = "footprint"
IDLE_AIM = 400.0


def measure(scale: Scale) -> list[Figure]:
    with desks.desk("sqlite", scale) as desk, desk.web("serve") as pid:
        time.sleep(scale.pick(8, 3))
        idle = _by_process(pid)
        _load(desk, scale)
        busy = _by_process(pid)
    total = sum(idle.values())
    return [
        Figure(
            subject=SUBJECT,
            name="whole desk, idle",
            value=round(total),
            unit="MB",
            aim=f"≤ {IDLE_AIM:g} MB",
            met=total <= IDLE_AIM,
        ),
        *(_figure(f"of that {name}", size) for name, size in idle.items()),
        _figure("whole desk, after a load", sum(busy.values())),
        *(_figure(f"of that {name}", size) for name, size in busy.items()),
    ]


def _load(desk: Desk, scale: Scale) -> None:
    """File reports for some seconds, and print a document."""
    body = load.body_of(desks.report(desk))
    headers = {"Authorization": f"Bearer {desk.token}"}
    seconds = 1.0 if scale.quick else 10.0
    load.run(
        Plan(port=desk.port, path=PATH, body=body, headers=headers, concurrency=8, seconds=seconds)
    )
    ask_for(desk, make_incident(desk.services).id)


def _by_process(pid: int) -> dict[str, float]:
    """Return megabytes by what the processes are called."""
    found: dict[str, float] = {}
    for each in processes.tree(pid):
        name = _name(each)
        found[name] = found.get(name, 0.0) + processes.memory(each)
    return found


def _name(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    if "incident.pressroom" in words:
        return "the press"
    if any(word.endswith("supervisor.py") for word in words):
        return "the supervisor"
    known = ("desk", "engine", "gateway")
    return next((word for word in known if word in words), words[0][:30])


def _figure(name: str, size: float) -> Figure:
    return Figure(subject=SUBJECT, name=name, value=round(size), unit="MB")
