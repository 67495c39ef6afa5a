"""Play scenarios on the desk, by its public functions; what is due is told by rows."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from drills.models import DrillRun
from drills.scenario import SIMULATORS, Inject, Scenario, Timed
from drills.scenario_file import shipped
from incident.errors import Conflict, NotFound, TocsinError
from incident.inputs.actions import UpdateFacts
from incident.inputs.base import parse
from incident.inputs.report import ReportInput
from incident.models import Incident
from incident.operations import facts, numbers, reporting, steps, timeline
from incident.operations.context import Context
from incident.services import Services
from incident.who import DESK, Who

logger = logging.getLogger(__name__)

PAUSED, RESUMED = "drill_paused", "drill_resumed"
Scenarios = Mapping[str, Scenario]


def start(
    services: Services, scenario: Scenario, *, who: Who = DESK, speed: float | None = None
) -> DrillRun:
    """Start a drill; its first injects are played at the next turn."""
    now = services.now()
    series = f"{numbers.DRILL}{services.rules.day(now):%Y%m%d}"
    with services.transaction() as session:
        run = DrillRun(
            key=f"{series}-{numbers.take(session, series):02d}",
            scenario=scenario.id,
            speed=speed or scenario.speed,
            played=0,
            started_at=now,
            paused_seconds=0.0,
        )
        session.add(run)
        _note(session, run, "drill_started", who, now, title=scenario.title, speed=f"{run.speed:g}")
    return run


def pause(session: Session, key: str, *, who: Who, now: datetime) -> DrillRun:
    """Let the drill's time stand still."""
    run = hold(session, key)
    if run.ended_at is not None or run.paused_at is not None:
        raise Conflict("drill-not-running")
    run.paused_at = now
    _note(session, run, PAUSED, who, now)
    return run


def resume(session: Session, key: str, *, who: Who, now: datetime) -> DrillRun:
    """Let the drill's time go on."""
    run = hold(session, key)
    if run.ended_at is not None or run.paused_at is None:
        raise Conflict("drill-not-paused")
    run.paused_seconds += (now - run.paused_at).total_seconds()
    run.paused_at = None
    _note(session, run, RESUMED, who, now)
    return run


def end(session: Session, key: str, *, who: Who, now: datetime) -> DrillRun:
    """End a drill: nothing of it is played any more."""
    run = hold(session, key)
    if run.ended_at is None:
        run.ended_at = now
        _note(session, run, "drill_ended", who, now)
    return run


def hold(session: Session, key: str) -> DrillRun:
    """Return a drill, locked until the commit; raise NotFound."""
    run = session.scalar(select(DrillRun).where(DrillRun.key == key).with_for_update())
    if run is None:
        raise NotFound
    return run


def elapsed(run: DrillRun, now: datetime) -> timedelta:
    """Return the drill time since the start: pauses left out, times the speed."""
    until = run.ended_at or run.paused_at or now
    wall = (until - run.started_at).total_seconds() - run.paused_seconds
    return timedelta(seconds=max(0.0, wall) * run.speed)


def play_due(services: Services, scenarios: Scenarios | None = None) -> int:
    """Play every inject that is due, each in its own transaction; return how many."""
    known = shipped() if scenarios is None else scenarios
    with services.reading() as session:
        running = session.scalars(
            select(DrillRun.key).where(DrillRun.ended_at.is_(None), DrillRun.paused_at.is_(None))
        ).all()
    return sum(_play(services, key, known) for key in running)


def _play(services: Services, key: str, scenarios: Scenarios) -> int:
    played = 0
    while (inject := _next(services, key, scenarios)) is not None:
        number = None
        if inject.effect == "report":
            number = services.take_number(str((inject.report or {})["kind"]), drill=True)
        try:
            is_mine = _play_one(services, key, inject, number, scenarios)
        except TocsinError as error:
            logger.warning("drill %s: %s cannot be played: %s", key, inject.id, error.code)
            is_mine = _skip(services, key, inject, error, scenarios)
        if not is_mine:
            return played
        played += 1
    return played


def _play_one(
    services: Services, key: str, inject: Inject, number: str | None, scenarios: Scenarios
) -> bool:
    """Play an inject, unless another engine was faster; the simulators' stay off the desk."""
    with services.transaction() as session:
        run = hold(session, key)
        if _due(run, scenarios, services.now()) != inject:
            return False
        if inject.to != SIMULATORS:
            _perform(session, run, inject, number, services)
        run.played += 1
    logger.info("drill %s: played %s", key, inject.id)
    return True


def _skip(
    services: Services, key: str, inject: Inject, error: TocsinError, scenarios: Scenarios
) -> bool:
    """Leave out what the desk does not take, such as news of an incident that is over; say so."""
    with services.transaction() as session:
        run = hold(session, key)
        if _due(run, scenarios, services.now()) != inject:
            return False
        incident = session.scalar(select(Incident).where(Incident.number == run.incident))
        timeline.write(
            session,
            incident,
            "inject_failed",
            who=Who(id=None, display=inject.sender[:60]),
            now=services.now(),
            words_for={"sender": inject.sender},
            data={"inject": inject.id, "drill": key, "problem": error.code},
        )
        run.played += 1
    return True


def _next(services: Services, key: str, scenarios: Scenarios) -> Inject | None:
    with services.reading() as session:
        run = session.scalar(select(DrillRun).where(DrillRun.key == key))
    return _due(run, scenarios, services.now()) if run else None


def _due(run: DrillRun, scenarios: Scenarios, now: datetime) -> Inject | None:
    """Return the inject that should have been played by now, the first of several."""
    scenario = scenarios.get(run.scenario)
    if scenario is None or run.ended_at is not None or run.paused_at is not None:
        return None
    waiting: Sequence[Timed] = scenario.timeline[run.played :]
    return waiting[0].inject if waiting and waiting[0].offset <= elapsed(run, now) else None


def _perform(
    session: Session, run: DrillRun, inject: Inject, number: str | None, services: Services
) -> None:
    context = services.context(Who(id=None, display=inject.sender[:60]))
    if inject.effect == "report":
        _, incident = reporting.receive(
            session,
            _report(inject, run, context),
            number=number or "",
            who=context.who,
            now=context.now,
            rules=context.rules,
            drill=run.key,
        )
        run.incident = run.incident or incident.number  # the first stays the drill's own
        return
    held = steps.hold(session, run.incident or "")
    _add(session, held, inject, run, context)


def _add(
    session: Session, incident: Incident, inject: Inject, run: DrillRun, context: Context
) -> None:
    who, now, rules = context.who, context.now, context.rules
    if inject.effect == "follow_up":
        report = _report(inject, run, context)
        reporting.add(session, incident, report, who=who, now=now, rules=rules)
        return
    if inject.facts is not None:
        change = parse(UpdateFacts, {"facts": inject.facts, "source": "other"})
        facts.update(session, incident, change, who=who, now=now, rules=rules)
    if inject.text is not None:
        words_for = {"sender": inject.sender, "text": inject.text}
        data = {"inject": inject.id}
        timeline.write(
            session, incident, "inject", who=who, now=now, words_for=words_for, data=data
        )


def _report(inject: Inject, run: DrillRun, context: Context) -> ReportInput:
    """Return the inject's report; it happened when the drill says that it is now."""
    raw = dict(inject.report or {})
    raw.setdefault("occurred_at", run.started_at.isoformat())
    raw.setdefault("aware_at", context.now.isoformat())
    return parse(ReportInput, raw)


def _note(
    session: Session, run: DrillRun, type: str, who: Who, now: datetime, **words_for: object
) -> None:
    timeline.write(
        session,
        None,
        type,
        who=who,
        now=now,
        words_for={"key": run.key, **words_for},
        data={"drill": run.key},
    )
