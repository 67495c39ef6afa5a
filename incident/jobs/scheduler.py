"""The metronome of the engine: what is due is a row in our tables, this only looks often."""

import logging
from collections.abc import Callable, Sequence
from datetime import UTC
from threading import Event, Thread

from apscheduler.schedulers.background import BackgroundScheduler

from incident import words
from incident.jobs import audit
from incident.jobs.chase import chase
from incident.jobs.deliver import deliver
from incident.jobs.escalate import escalate
from incident.jobs.lanes import open_pools
from incident.jobs.lead import Leadership
from incident.jobs.providers import ask_balances, carry
from incident.jobs.receipts import ask_after, merge
from incident.jobs.relief import watch_relief
from incident.jobs.render import render
from incident.jobs.replay import replay
from incident.jobs.replies import read_replies
from incident.jobs.rosters import remind
from incident.jobs.watch import watch
from incident.operations.engine import LeaseLost
from incident.press import Press
from incident.services import Services

logger = logging.getLogger(__name__)

OFTEN = 0.15  # seconds between two looks for something to send or to print
CALENDAR_AGE = 30  # seconds until an edited table of holidays holds here too
PAUSE = 1.0  # seconds after something went wrong

Job = Callable[[Services], object]
JOBS: tuple[Job, ...] = (
    watch,
    read_replies,
    escalate,
    merge,
    carry,
    chase,
    remind,
    watch_relief,
)


def run_engine(services: Services, stop: Event, *, turns: Sequence[Job] = ()) -> None:
    """Drive the desk's engine until `stop`; what is under way then is finished first.

    `turns` are further jobs, from what stands above the desk: each has a loop of its own, so
    that none of them delays an alert.
    """
    words.vocabulary()  # read before the first alert, which should not wait for it
    leadership = Leadership(services)
    auditor = audit.start(services, stop)
    with (
        open_pools() as pools,
        Press() as press,
    ):
        loops = [
            _often(stop, leadership, lambda led: deliver(led, pools=pools, stop=stop)),
            _often(stop, leadership, lambda led: render(led, press)),
            _often(stop, leadership, replay),
            *(_often(stop, leadership, job) for job in turns),
        ]
        metronome = _metronome(services, leadership)
        try:
            while not stop.wait(PAUSE):
                pass  # a signal that another thread took is handled when this one comes by
        finally:
            stop.set()
            metronome.shutdown()
            for loop in loops:
                loop.join()
            auditor.join()
            leadership.give_back()


def turn(leadership: Leadership) -> None:
    """One turn: renew the lease, watch the clocks, read answers, let alerts climb, merge receipts.

    Answers come before the next steps: whoever has answered is not called again.
    """
    led = leadership.turn()
    if led is not None:
        for job in JOBS:
            _carefully(job, led)


def _metronome(services: Services, leadership: Leadership) -> BackgroundScheduler:
    """Start the beat: late is better than never, and one run at a time is enough."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it tells of every beat
    metronome = BackgroundScheduler(
        timezone=UTC,
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    tick = services.settings.engine_tick
    metronome.add_job(_beat, "interval", [turn, leadership], seconds=tick, id="turn")
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
        _carefully(ask_balances, led)


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
