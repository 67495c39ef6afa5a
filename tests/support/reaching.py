"""People who are called, for tests of pages: by the name that is shown, and time that passes."""

from datetime import timedelta

from sqlalchemy import select

from incident.clock import FrozenClock
from incident.jobs.escalate import escalate
from incident.models import Alert, AlertPerson, Incident
from incident.operations import alerts
from incident.services import Services
from incident.who import Who


def called(services: Services, incident: Incident, person: str) -> AlertPerson:
    """Return somebody's newest call for an incident, by the name that is shown."""
    with services.reading() as session:
        query = select(AlertPerson).where(
            AlertPerson.incident_id == incident.id, AlertPerson.person == person
        )
        found = session.scalars(query.order_by(AlertPerson.id.desc())).first()
        assert found is not None, person
        return found


def alert_of(services: Services, incident: Incident) -> Alert:
    """Return the newest alert of an incident."""
    with services.reading() as session:
        query = select(Alert).where(Alert.incident_id == incident.id)
        found = session.scalars(query.order_by(Alert.id.desc())).first()
        assert found is not None
        return found


def pass_minutes(services: Services, minutes: float) -> None:
    """Let time pass, and alerts climb."""
    assert isinstance(services.clock, FrozenClock)
    services.clock.advance(timedelta(minutes=minutes))
    escalate(services)


def answer_as(services: Services, incident: Incident, who: Who, said: str = "received") -> None:
    """Answer all that a person is called for, on the page."""
    with services.transaction() as session:
        row = session.get_one(Incident, incident.id)
        for person in alerts.open_of(session, row, who):
            alerts.answer(session, person, said, by="page", now=services.now(), who=who)
