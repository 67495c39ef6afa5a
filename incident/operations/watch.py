"""Watch the statutory clocks: say that one is near or overdue, once each."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from incident.crashpoints import crashpoint
from incident.models import Incident, IncidentClock
from incident.operations import alerts, facts, halts, invariants, pace, steps, timeline
from incident.rulebook import Rulebook
from incident.who import DESK
from workflows.lifecycle import ASIDE, State

PARTS = ("50%", "80%")  # of the time allowed; one for each alarm of a clock
OVERDUE = "overdue"
OVER = frozenset({*ASIDE, State.CLOSED})


def ringing(session: Session, now: datetime, *, limit: int) -> list[str]:
    """Return the numbers of incidents that have a clock whose alarm has come."""
    rows = session.execute(
        select(Incident.number, IncidentClock.next_alarm_at)
        .join(Incident, Incident.id == IncidentClock.incident_id)
        .where(_rings(now))
        .order_by(IncidentClock.next_alarm_at)
        .limit(limit)
    )
    return list(dict.fromkeys(number for number, _ in rows))


def fire(session: Session, number: str, *, now: datetime, rules: Rulebook) -> int:
    """Fire every alarm of an incident that has come; return how many entries were written.

    What the engine slept through is not told one by one: each clock tells where it stands now.
    The clocks of an incident that is over fall silent.
    """
    incident = steps.hold(session, number)
    invariants.check(session, incident)
    due = session.scalars(
        select(IncidentClock)
        .where(IncidentClock.incident_id == incident.id, _rings(now))
        .order_by(IncidentClock.id)
        .with_for_update()
    ).all()
    if incident.state in OVER:
        for clock in due:
            clock.next_alarm_at = None
        return 0
    for clock in due:
        _fire(session, incident, clock, now=now, rules=rules)
    return len(due)


def _rings(now: datetime) -> ColumnElement[bool]:
    return and_(
        IncidentClock.satisfied_at.is_(None),
        IncidentClock.advisory.is_(False),
        IncidentClock.next_alarm_at <= now,
        halts.runs(IncidentClock.incident_id),
        pace.incident_goes(IncidentClock.incident_id),
    )


def _fire(
    session: Session, incident: Incident, clock: IncidentClock, *, now: datetime, rules: Rulebook
) -> None:
    if clock.due_at is not None and now >= clock.due_at:
        clock.next_alarm_at = None
        _tell(session, incident, clock, "clock_overdue", part=None, now=now)
        _call_out(session, incident, clock, now=now, rules=rules)
        return
    alarms = [datetime.fromisoformat(moment) for moment in clock.alarms]
    passed = [alarm for alarm in alarms if alarm <= now]
    clock.next_alarm_at = next((alarm for alarm in alarms if alarm > now), clock.due_at)
    part = PARTS[min(len(passed), len(PARTS)) - 1]
    _tell(session, incident, clock, "clock_near", part=part, now=now)


def _tell(
    session: Session,
    incident: Incident,
    clock: IncidentClock,
    type: str,
    *,
    part: str | None,
    now: datetime,
) -> None:
    timeline.write(
        session,
        incident,
        type,
        who=DESK,
        now=now,
        words_for={"title": clock.title, "part": part},
        data={
            "clock": clock.id,
            "rule": clock.rule,
            "due_at": clock.due_at.isoformat() if clock.due_at else None,
            "part": part,
        },
    )


def _call_out(
    session: Session, incident: Incident, clock: IncidentClock, *, now: datetime, rules: Rulebook
) -> None:
    crashpoint("clock.before_call")
    alerts.start(
        session,
        incident,
        OVERDUE,
        facts=facts.current(session, incident.id),
        rules=rules,
        now=now,
        occasion=f"clock-{clock.id}",
        clock=clock.title,
    )
