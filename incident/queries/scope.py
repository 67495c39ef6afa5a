"""Which incidents a person may know of; every read of incidents begins here."""

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from incident.errors import NotFound
from incident.models import Consultation, Incident, Invitation, Report
from incident.who import Who
from workflows.lifecycle import Role

DESK_ROLES = (
    Role.DUTY_OFFICER,
    Role.DUTY_LEADER,
    Role.COMMANDER,
    Role.GROUP_MEMBER,
    Role.LEADER,
)
DRILL_ROLES = (Role.DIRECTOR, Role.EVALUATOR, Role.OBSERVER)
EXPERT_ROLES = (Role.EXPERT, Role.CHAIR)
OF_DRILLS = Incident.drill > ""
"""Of a drill: a range, for a database looks up what is not null by reading everything."""


def visible(who: Who) -> ColumnElement[bool]:
    """Return the condition for incidents that a person may know of.

    The desk sees all; experts those they were asked about; drill staff the drills; a reporter
    those it reported to; the three administrators none.
    """
    if who.may_be(*DESK_ROLES):
        return Incident.id.is_not(None)
    ways: list[ColumnElement[bool]] = [Incident.id.is_(None)]
    if who.may_be(*EXPERT_ROLES):
        asked = select(Consultation.incident_id).join(
            Invitation, Invitation.consultation_id == Consultation.id
        )
        ways.append(Incident.id.in_(asked.where(Invitation.expert_id == who.id)))
    if who.may_be(Role.CHAIR):
        ways.append(Incident.id.in_(select(Consultation.incident_id)))
    if who.may_be(*DRILL_ROLES):
        ways.append(OF_DRILLS)
    if who.may_be(Role.REPORTER):
        filed = select(Report.incident_id).where(Report.filed_by == who.id)
        ways.append(Incident.id.in_(filed))
    return or_(*ways)


def sees_all(who: Who) -> bool:
    """Tell whether a person may know of every incident, so that no condition is needed."""
    return who.may_be(*DESK_ROLES)


def incidents(who: Who) -> Select[Incident]:
    """Begin a query of incidents that a person may know of."""
    query = select(Incident)
    return query if sees_all(who) else query.where(visible(who))


def incident(session: Session, number: str, who: Who) -> Incident:
    """Return an incident by its number; raise NotFound, also for one that is not for them."""
    found = session.scalar(incidents(who).where(Incident.number == number))
    if found is None:
        raise NotFound
    return found
