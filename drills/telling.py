"""Tell the desk what an inject brings: a report, facts or words, as those who tell it would."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from drills.models import DrillInject, DrillRun
from drills.scenario.schema import SIMULATORS, Inject
from incident.inputs.actions import UpdateFacts
from incident.inputs.base import parse
from incident.inputs.report import ReportInput
from incident.models import Incident
from incident.operations import facts, pace, reporting, steps, timeline
from incident.operations.context import Context
from incident.services import Services
from incident.who import Who


def tell(
    session: Session, run: DrillRun, inject: Inject, number: str | None, services: Services
) -> str | None:
    """Do what an inject does at the desk; return the number of the incident it concerns.

    What simulators are to act stays off the desk: they make it real.
    """
    if inject.to == SIMULATORS:
        return run.incident
    context = services.context(_sender(inject))
    if inject.effect != "report":
        held = _concerned(session, run)
        _add(session, held, inject, run, context)
        return held.number
    _, incident = reporting.receive(
        session,
        _report(session, inject, run, context),
        number=number or "",
        who=context.who,
        now=context.now,
        rules=context.rules,
        drill=run.key,
    )
    run.incident = run.incident or incident.number  # the first stays the drill's own
    return incident.number


def tell_failure(session: Session, run: DrillRun, row: DrillInject, now: datetime) -> None:
    """Say in the timeline that the desk did not take an inject, and why."""
    sender = str(row.content.get("sender", row.inject))
    timeline.write(
        session,
        session.scalar(select(Incident).where(Incident.number == run.incident)),
        "inject_failed",
        who=Who(id=None, display=sender[:60]),
        now=now,
        words_for={"sender": sender},
        data={"inject": row.inject, "drill": run.key, "problem": row.problem},
    )


def _concerned(session: Session, run: DrillRun) -> Incident:
    """Return the drill's incident, locked; where it was merged, the one it went into."""
    held = steps.hold(session, run.incident or "")
    while held.merged_into is not None:
        held = steps.hold(session, session.get_one(Incident, held.merged_into).number)
    return held


def _sender(inject: Inject) -> Who:
    return Who(id=None, display=inject.sender[:60])


def _add(
    session: Session, incident: Incident, inject: Inject, run: DrillRun, context: Context
) -> None:
    who, now, rules = context.who, context.now, context.rules
    if inject.effect == "follow_up":
        report = _report(session, inject, run, context)
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


def _report(session: Session, inject: Inject, run: DrillRun, context: Context) -> ReportInput:
    """Return the inject's report; it happened when the drill began, unless it says otherwise."""
    raw = dict(inject.report or {})
    origin = pace.of(session, run.key).wall(timedelta(seconds=run.origin_seconds))
    raw.setdefault("occurred_at", (origin or context.now).isoformat())
    raw.setdefault("aware_at", context.now.isoformat())
    return parse(ReportInput, raw)
