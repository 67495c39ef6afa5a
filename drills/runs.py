"""Prepare, begin, hold back, hurry and end a drill; its clock is the pace of its key."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session, defer

from drills import schedule
from drills.models import DrillRun
from drills.scenario.schema import FASTEST, SLOWEST, Scenario
from incident.errors import Conflict, FieldError, InvalidInput, NotFound
from incident.models import Stretch
from incident.operations import numbers, pace, resting, timeline
from incident.operations.drill_time import DrillTime
from incident.services import Services
from incident.who import DESK, Who

PAUSED, RESUMED = "drill_paused", "drill_resumed"
PREPARED, RUNNING, STANDING, FROZEN, ENDED = "prepared", "running", "paused", "frozen", "ended"
"""The states of a run; a frozen one was pre-empted by a real incident."""


def start(
    services: Services,
    scenario: Scenario,
    *,
    who: Who = DESK,
    speed: float | None = None,
    segments: Collection[str] | None = None,
    colleagues: bool = False,
) -> DrillRun:
    """Prepare a drill and begin it at once; its first injects are played at the next turn."""
    run = prepare(
        services, scenario, who=who, speed=speed, segments=segments, colleagues=colleagues
    )
    with services.transaction() as session:
        return begin(session, run.key, who=who, now=services.now())


def prepare(
    services: Services,
    scenario: Scenario,
    *,
    who: Who = DESK,
    speed: float | None = None,
    segments: Collection[str] | None = None,
    colleagues: bool = False,
) -> DrillRun:
    """Set up a drill with a row for each inject; nothing of it runs yet.

    `segments` None plays them all. It begins with the start of the first that is played.
    """
    now = services.now()
    played = _played(scenario, segments)
    wanted = scenario.speed if speed is None else _possible(speed)
    origin = min(one.start for one in scenario.segments if one.id in played)
    series = f"{numbers.DRILL}{services.rules.day(now):%Y%m%d}"
    with services.transaction() as session:
        run = DrillRun(
            key=f"{series}-{numbers.take(session, series):02d}",
            scenario=scenario.id,
            title=scenario.title,
            content=scenario.model_dump(mode="json"),
            segments=list(played),
            speed=wanted,
            origin_seconds=origin.total_seconds(),
            colleagues=colleagues,
            director_id=who.id,
            prepared_at=now,
        )
        session.add(run)
        session.flush()
        session.add_all(schedule.rows(run, scenario))
        note(session, run, "drill_prepared", who, now, title=scenario.title)
    return run


def begin(session: Session, key: str, *, who: Who, now: datetime) -> DrillRun:
    """Let the clock of a prepared drill run."""
    run = hold(session, key)
    if run.started_at is not None or run.ended_at is not None:
        raise Conflict("drill-begun")
    run.started_at = now
    reading = timedelta(seconds=run.origin_seconds)
    pace.run(session, key, speed=run.speed, now=now, reading=reading)
    note(session, run, "drill_started", who, now, title=run.title, speed=f"{run.speed:g}")
    return run


def pause(session: Session, key: str, *, who: Who, now: datetime) -> DrillRun:
    """Let the drill's time stand still."""
    run = hold(session, key)
    if state(run, pace.of(session, key)) != RUNNING:
        raise Conflict("drill-not-running")
    pace.stand(session, key, now=now)
    note(session, run, PAUSED, who, now)
    return run


def resume(session: Session, key: str, *, who: Who, now: datetime) -> DrillRun:
    """Let the drill's time go on, also after a real incident froze it."""
    run = hold(session, key)
    if state(run, pace.of(session, key)) not in (STANDING, FROZEN):
        raise Conflict("drill-not-paused")
    run.frozen_at = run.frozen_by = None
    resting.wake(session, key, now=now)
    pace.run(session, key, speed=run.speed, now=now)
    note(session, run, RESUMED, who, now)
    return run


def set_speed(session: Session, key: str, speed: float, *, who: Who, now: datetime) -> DrillRun:
    """Give the drill another speed, at once or, where it stands still, from its resumption on."""
    run = _going(session, key)
    run.speed = _possible(speed)
    if state(run, pace.of(session, key)) == RUNNING:
        pace.run(session, key, speed=speed, now=now)
    note(session, run, "drill_speed", who, now, speed=f"{speed:g}")
    return run


def jump(session: Session, key: str, segment: str, *, who: Who, now: datetime) -> DrillRun:
    """Go on with a later segment; what was planned before it is skipped, and says so."""
    run = _going(session, key)
    clock = pace.of(session, key)
    target = next((one for one in scenario_of(run).segments if one.id == segment), None)
    if target is None or segment not in run.segments:
        raise InvalidInput([FieldError("segment", "no-such-segment")])
    if run.started_at is None or target.start <= clock.reached(now):
        raise Conflict("drill-segment-past")
    schedule.skip_until(session, run, target.start)
    stood = clock.stands
    pace.run(session, key, speed=run.speed, now=now, reading=target.start)
    if stood:
        pace.stand(session, key, now=now)
    note(session, run, "drill_jumped", who, now, segment=target.title)
    return run


def freeze(session: Session, *, who: Who, now: datetime) -> Sequence[DrillRun]:
    """Stop every drill at once, for a real incident needs the desk; return those stopped."""
    running = session.scalars(
        select(DrillRun)
        .where(DrillRun.started_at.is_not(None), DrillRun.ended_at.is_(None))
        .order_by(DrillRun.id)
        .with_for_update()
    ).all()
    stopped = [run for run in running if run.frozen_at is None]
    for run in stopped:
        run.frozen_at, run.frozen_by = now, who.person
        pace.stand(session, run.key, now=now)
        note(session, run, "drill_frozen", who, now)
    return stopped


def end(session: Session, key: str, *, who: Who, now: datetime) -> DrillRun:
    """End a drill: nothing of it is played any more, and its incidents leave the duty desk."""
    run = hold(session, key)
    if run.ended_at is None:
        run.ended_at = now
        pace.stand(session, key, now=now)
        resting.shelve(session, [key], now=now)
        note(session, run, "drill_ended", who, now)
    return run


def hold(session: Session, key: str, *, lean: bool = False) -> DrillRun:
    """Return a drill, locked until the commit; raise NotFound.

    A lean one reads its scenario only when asked for it, within the session.
    """
    run = session.scalar(_by_key(key, lean=lean).with_for_update())
    if run is None:
        raise NotFound
    return run


def find(session: Session, key: str, *, lean: bool = False) -> DrillRun:
    """Return a drill; raise NotFound. A lean one is as `hold` gives it."""
    run = session.scalar(_by_key(key, lean=lean))
    if run is None:
        raise NotFound
    return run


def everything(session: Session) -> Sequence[DrillRun]:
    """Return all drills, the newest first."""
    return session.scalars(select(DrillRun).order_by(DrillRun.id.desc())).all()


def scenario_of(run: DrillRun) -> Scenario:
    """Return the scenario as it was when the run was prepared; raise NotFound if it has none."""
    if not run.content:
        raise NotFound
    return _scenario(json.dumps(run.content))


def state(run: DrillRun, clock: DrillTime) -> str:
    """Return prepared, running, paused, frozen or ended."""
    if run.ended_at is not None:
        return ENDED
    if run.started_at is None:
        return PREPARED
    if run.frozen_at is not None:
        return FROZEN
    return STANDING if clock.stands else RUNNING


def runs_now() -> ColumnElement[bool]:
    """Return the condition that a drill's clock runs."""
    is_open = select(Stretch.id).where(Stretch.drill == DrillRun.key, Stretch.ended_at.is_(None))
    return and_(DrillRun.ended_at.is_(None), is_open.exists())


def note(
    session: Session,
    run: DrillRun,
    type: str,
    who: Who,
    now: datetime,
    *,
    data: Mapping[str, object] | None = None,
    **words_for: object,
) -> None:
    """Write an entry about a drill itself."""
    timeline.write(
        session,
        None,
        type,
        who=who,
        now=now,
        words_for={"key": run.key, **words_for},
        data={"drill": run.key, **(data or {})},
    )


@lru_cache(maxsize=32)
def _scenario(content: str) -> Scenario:
    """Check a scenario once, for pages and the engine ask again and again."""
    return Scenario.model_validate_json(content)


def _by_key(key: str, *, lean: bool) -> Select[DrillRun]:
    query = select(DrillRun).where(DrillRun.key == key)
    return query.options(defer(DrillRun.content)) if lean else query


def _possible(speed: float) -> float:
    if not SLOWEST <= speed <= FASTEST:
        values: dict[str, object] = {"slowest": f"{SLOWEST:g}", "fastest": f"{FASTEST:g}"}
        raise InvalidInput([FieldError("speed", "no-such-speed", values)])
    return speed


def _going(session: Session, key: str) -> DrillRun:
    run = hold(session, key)
    if run.ended_at is not None:
        raise Conflict("drill-not-running")
    return run


def _played(scenario: Scenario, wanted: Collection[str] | None) -> tuple[str, ...]:
    known = tuple(one.id for one in scenario.segments)
    chosen = known if wanted is None else tuple(name for name in known if name in wanted)
    if not chosen or (wanted is not None and set(wanted) - set(known)):
        raise InvalidInput([FieldError("segments", "no-such-segment")])
    return chosen
