"""What was reported: the last report of an incident, and what one person reported."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.models import Incident, Report
from incident.operations import callouts
from incident.who import Who
from workflows.plan import Plan
from workflows.response import demands

LISTED = 10


def last(session: Session, incident_id: int) -> Report | None:
    """Return the newest report of an incident; one that was merged away may have none."""
    query = select(Report).where(Report.incident_id == incident_id)
    return session.scalar(query.order_by(Report.id.desc()).limit(1))


def mine(session: Session, who: Who) -> Sequence[Incident]:
    """Return the incidents that a person reported to, the newest first."""
    filed = select(Report.incident_id).where(Report.filed_by == who.id)
    query = select(Incident).where(Incident.id.in_(filed))
    return list(session.scalars(query.order_by(Incident.id.desc()).limit(LISTED)))


def last_source(session: Session, who: Who) -> str | None:
    """Return as what a person reported last, None for the first time."""
    query = select(Report.source).where(Report.filed_by == who.id)
    return session.scalar(query.order_by(Report.id.desc()).limit(1))


def called_out(session: Session, plan: Plan, *, kind: str, setting: str | None) -> int:
    """Return how many people a new report will alert."""
    wanted = demands(plan, None, setting=setting, kind=kind)
    return len(callouts.with_roles(session, wanted.roles("reported")))
