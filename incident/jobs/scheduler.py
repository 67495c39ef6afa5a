"""The metronome of the engine: what is due is a row in our tables, this only looks often."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from functools import partial
from threading import Event, Thread

from apscheduler.schedulers.background import BackgroundScheduler

from incident.jobs.deliver import WORKERS, deliver
from incident.jobs.lead import Leadership
from incident.jobs.receipts import ask_after, merge
from incident.jobs.render import render
from incident.jobs.watch import watch
from incident.operations.engine import LeaseLost
from incident.press import Press
from incident.services import Services

logger = logging.getLogger(__name__)

OFTEN = 0.15  # seconds between two looks for something to send or to print
CALENDAR_AGE = 30  # seconds until an edited table of holidays holds here too
PAUSE = 1.0  # seconds after something went wrong

Job = Callable[[Services], object]


def run_engine(services: Services, stop: Event, *, turns: Sequence[Job] = ()) -> None:
    """Drive the desk's engine until `stop`; what is under way then is finished first.

    `turns` are further jobs of each turn, from what stands above the desk.
    """
    leadership = Leadership(services)
    with (
        ThreadPoolExecutor(WORKERS, thread_name_prefix="deliver") as pool,
        Press() as press,
    ):
        loops = [
            _often(stop, leadership, lambda led: deliver(led, pool=pool, stop=stop)),
            _often(stop, leadership, lambda led: render(led, press)),
        ]
        metronome = _metronome(services, leadership, turns)
        try:
            stop.wait()
        finally:
            stop.set()
            metronome.shutdown()
            for loop in loops:
                loop.join()
            leadership.give_back()


def turn(leadership: Leadership, turns: Sequence[Job] = ()) -> None:
    """One turn of the engine: renew the lease, watch the clocks, merge what providers said."""
    led = leadership.turn()
    if led is not None:
        for job in (watch, merge, *turns):
            _carefully(job, led)


def _metronome(
    services: Services, leadership: Leadership, turns: Sequence[Job]
) -> BackgroundScheduler:
    """Start the beat: late is better than never, and one run at a time is enough."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it tells of every beat
    metronome = BackgroundScheduler(
        timezone=UTC,
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    tick = services.settings.engine_tick
    beat = partial(turn, turns=turns)
    metronome.add_job(_beat, "interval", [beat, leadership], seconds=tick, id="turn")
    metronome.add_job(_beat, "interval", [_ask, leadership], seconds=tick, id="ask")
    metronome.add_job(_renew, "interval", [services], seconds=CALENDAR_AGE, id="calendar")
    _beat(turn, leadership)
    metronome.start()
    return metronome


def _beat(work: Callable[[Leadership], None], leadership: Leadership) -> None:
    try:
        work(leadership)
    except Exception:
        logger.exception("a beat of the engine failed")


def _renew(services: Services) -> None:
    try:
        services.renew_calendar()
    except Exception:
        logger.exception("the table of holidays could not be read")


def _ask(leadership: Leadership) -> None:
    if (led := leadership.led) is not None:
        _carefully(ask_after, led)


def _often(stop: Event, leadership: Leadership, job: Job) -> Thread:
    """Run a job again and again in a thread of its own, while this engine drives."""

    def loop() -> None:
        while not stop.is_set():
            led = leadership.led
            good = led is None or _carefully(job, led)
            stop.wait(OFTEN if good else PAUSE)

    thread = Thread(target=loop, daemon=True)
    thread.start()
    return thread


def _carefully(job: Job, led: Services) -> bool:
    """Run a job; say whether it went well. What it left undone is still a row."""
    try:
        job(led)
    except LeaseLost:
        logger.warning("another engine has taken over")
        return False
    except Exception:
        logger.exception("a job of the engine failed")
        return False
    return True
