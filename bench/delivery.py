"""From a report to the provider, and to the last of many screens."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from queue import Empty

import requests

from bench import bare_socket, desks, processes, sockets
from bench.desks import Desk
from bench.figures import Figure, Scale
from bench.intake import PATH
from bench.samples import median, milliseconds, percentile
from bench.sockets import Screens, Shown
from incident.stand_in import GATEWAY_JOURNAL

SUBJECT = "delivery"
PROVIDER_AIM, SCREEN_AIM, FAN_OUT_AIM = 1500.0, 300.0, 1.3
PER_PERSON = 5  # screens; the desk admits six
PATIENCE = 15.0
SPOOLED = 202


def measure(scale: Scale) -> list[Figure]:
    return [
        *_to_provider(scale),
        *_to_screens(scale, count=scale.pick(300, 12), mode="threading", dialect="sqlite"),
        *_to_screens(scale, count=scale.pick(1000, 12), mode="gevent", dialect="postgresql"),
    ]


def _to_provider(scale: Scale) -> list[Figure]:
    """Time from the start of a POST to the provider's entry in its journal."""
    with desks.desk("postgresql", scale) as desk, desk.gateway(), desk.web("web"), desk.engine():
        began = _post_reports(desk, scale.pick(100, 3), pause=0.1)
        came = _arrivals(desk, set(began))
    times = [(came[number] - start).total_seconds() for number, start in began.items()]
    return _figures("POST to provider", times, PROVIDER_AIM)


def _post_reports(desk: Desk, count: int, *, pause: float) -> dict[str, datetime]:
    """Return when the POST of each incident began."""
    began = {}
    with requests.Session() as session:
        for _ in range(count):
            start = desk.services.now()
            if number := _post(desk, session):
                began[number] = start
            time.sleep(pause)
    return began


def _post(desk: Desk, session: requests.Session) -> str | None:
    """File a report and return its incident's number; None where it went into the spool."""
    answer = session.post(
        desk.url + PATH,
        json=desks.report(desk),
        headers={"Authorization": f"Bearer {desk.token}"},
        timeout=30,
    )
    answer.raise_for_status()
    return None if answer.status_code == SPOOLED else str(answer.json()["incident"]["number"])


def _arrivals(desk: Desk, numbers: set[str]) -> dict[str, datetime]:
    """Return when the provider took the first message of each incident."""
    journal = desk.folder / GATEWAY_JOURNAL
    deadline = time.monotonic() + PATIENCE
    while True:
        came: dict[str, datetime] = {}
        for line in journal.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            if entry["event"] == "accepted":
                number = next((each for each in numbers if each in entry["body"]), "")
                came.setdefault(number, datetime.fromisoformat(entry["at"]))
        if numbers <= came.keys():
            return came
        assert time.monotonic() < deadline, f"{len(numbers - came.keys())} never came"
        time.sleep(0.1)


def _to_screens(scale: Scale, *, count: int, mode: str, dialect: str) -> list[Figure]:
    with desks.desk(dialect, scale) as desk, _floor(desk, mode) as port:
        bare = _spread_of_bare(port, count, scale)
        tokens = desks.tokens(desk, -(-count // PER_PERSON))
        with _served(desk, mode) as live_port:
            plan = sockets.Plan(
                port=live_port, tokens=[tokens[at // PER_PERSON] for at in range(count)]
            )
            with sockets.watching(plan) as screens:
                whole, spread = _post_and_watch(desk, screens, scale)
    name = f"{count} screens, {mode}"
    share = median(spread) / median(bare)
    return [
        *_figures(f"POST to the last of {name}", whole, SCREEN_AIM),
        Figure(
            subject=SUBJECT,
            name=f"fan-out, first to last of {name}, p50",
            value=milliseconds(median(spread)),
            unit="ms",
            floor=milliseconds(median(bare)),
            aim=f"≤ {FAN_OUT_AIM} × floor",
            met=share <= FAN_OUT_AIM,
        ),
    ]


def _post_and_watch(desk: Desk, screens: Screens, scale: Scale) -> tuple[list[float], list[float]]:
    """Return seconds from POST to the last screen, and from the first screen to the last."""
    whole, spread = [], []
    with requests.Session() as session:
        for _ in range(scale.pick(100, 5)):
            start = time.monotonic()
            number = _post(desk, session)
            if number is None:
                continue
            shown = _reported(screens, number)
            whole.append(shown.last - start)
            spread.append(shown.last - shown.first)
            time.sleep(0.05)
    return whole[5:] or whole, spread[5:] or spread


def _reported(screens: Screens, number: str) -> Shown:
    """Return what the screens saw of a report, and pass over those before it."""
    while True:
        shown = _first_of_report(screens)
        if shown.incident == number:
            return shown


def _first_of_report(screens: Screens) -> Shown:
    """Pass over what else a report leads to, such as the alert that it starts."""
    while True:
        shown = screens.next(PATIENCE)
        if shown.type == bare_socket.REPORTED:
            return shown


@contextmanager
def _served(desk: Desk, mode: str) -> Iterator[int]:
    """Serve the desk: in one threaded process, or live events apart; yields the sockets' port."""
    if mode == "threading":
        with desk.web("desk"):
            yield desk.port
        return
    port = processes.free_port()
    environment = {**desk.environment, "TOCSIN_PORT": str(port)}
    command = processes.tocsin("live")
    with desk.web("web"), processes.running(command, environment, log=desk.log) as server:
        processes.until_answers(f"http://127.0.0.1:{port}/healthz", server, log=desk.log)
        yield port


@contextmanager
def _floor(desk: Desk, mode: str) -> Iterator[int]:
    port = processes.free_port()
    environment = {**desk.environment, "TOCSIN_PORT": str(port)}
    command = processes.module("bench.bare_socket", mode)
    with processes.running(command, environment, log=desk.log) as server:
        processes.until_answers(f"http://127.0.0.1:{port}/healthz", server, log=desk.log)
        yield port


def _spread_of_bare(port: int, count: int, scale: Scale) -> list[float]:
    """Return seconds from the first screen to the last, with bare Flask-SocketIO."""
    spread = []
    plan = sockets.Plan(port=port, tokens=["-"] * count)
    with sockets.watching(plan) as screens, requests.Session() as session:
        for _ in range(scale.pick(100, 5)):
            session.post(f"http://127.0.0.1:{port}{bare_socket.PATH}", timeout=10)
            try:
                shown = _first_of_report(screens)
            except Empty:
                raise AssertionError("the floor lost an event") from None
            spread.append(shown.last - shown.first)
            time.sleep(0.05)
    return spread[5:] or spread


def _figures(name: str, times: Sequence[float], most: float) -> list[Figure]:
    p99 = milliseconds(percentile(times, 0.99))
    return [
        Figure(subject=SUBJECT, name=f"{name}, p50", value=milliseconds(median(times)), unit="ms"),
        Figure(
            subject=SUBJECT,
            name=f"{name}, p99",
            value=p99,
            unit="ms",
            aim=f"< {most:g} ms",
            met=p99 < most,
        ),
    ]
